// SPDX-License-Identifier: Apache-2.0
// The five COSE algorithms. AES-GCM is the platform's, under keys that cannot be exported; WebCrypto lacks the others.
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import sjcl from 'sjcl';
import { fromHex, hex, type Bytes } from './bytes.js';
import { Refusal } from './refusal.js';

export const TAG_SIZE = 16;

interface Algorithm {
  cipher: 'ccm' | 'gcm' | 'chacha';
  keySize: number;
  nonceSize: number;
  plaintextMax: number;
}

const ccm = { cipher: 'ccm', nonceSize: 13, plaintextMax: 0xffff } as const;
const gcm = { cipher: 'gcm', nonceSize: 12, plaintextMax: 0xffffff } as const;
const algorithms = new Map<number, Algorithm>([
  [1, { ...gcm, keySize: 16 }],
  [3, { ...gcm, keySize: 32 }],
  [24, { cipher: 'chacha', keySize: 32, nonceSize: 12, plaintextMax: 0xffffff }],
  [30, { ...ccm, keySize: 16 }],
  [31, { ...ccm, keySize: 32 }],
]);

/** Undefined for a number that is not one of the protocol. */
export function algorithmOf(id: number): Algorithm | undefined {
  return algorithms.get(id);
}

/** One key of one epoch. `open` throws a Refusal `bad_tag`. */
export interface Aead {
  seal(nonce: Bytes, additional: Bytes, plaintext: Bytes): Promise<Bytes>;
  open(nonce: Bytes, additional: Bytes, sealed: Bytes): Promise<Bytes>;
  /** Forgets the key, as far as JavaScript can. */
  wipe(): void;
}

const bits = (bytes: Uint8Array) => sjcl.codec.hex.toBits(hex(bytes));

function aesCcm(key: Bytes): Aead {
  const aes = new sjcl.cipher.aes(bits(key));
  key.fill(0);
  return {
    async seal(nonce, additional, plaintext) {
      const sealed = sjcl.mode.ccm.encrypt(aes, bits(plaintext), bits(nonce), bits(additional), 8 * TAG_SIZE);
      return fromHex(sjcl.codec.hex.fromBits(sealed));
    },
    async open(nonce, additional, sealed) {
      try {
        const plaintext = sjcl.mode.ccm.decrypt(aes, bits(sealed), bits(nonce), bits(additional), 8 * TAG_SIZE);
        return fromHex(sjcl.codec.hex.fromBits(plaintext));
      } catch {
        throw new Refusal('bad_tag');
      }
    },
    wipe() {},
  };
}

function chacha(key: Bytes): Aead {
  return {
    async seal(nonce, additional, plaintext) {
      return chacha20poly1305(key, nonce, additional).encrypt(plaintext) as Bytes;
    },
    async open(nonce, additional, sealed) {
      try {
        return chacha20poly1305(key, nonce, additional).decrypt(sealed) as Bytes;
      } catch {
        throw new Refusal('bad_tag');
      }
    },
    wipe() {
      key.fill(0);
    },
  };
}

async function aesGcm(key: Bytes): Promise<Aead> {
  const imported = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
  key.fill(0);
  const parameters = (iv: Bytes, additionalData: Bytes) => ({ name: 'AES-GCM', iv, additionalData });
  return {
    async seal(nonce, additional, plaintext) {
      return new Uint8Array(await crypto.subtle.encrypt(parameters(nonce, additional), imported, plaintext));
    },
    async open(nonce, additional, sealed) {
      try {
        return new Uint8Array(await crypto.subtle.decrypt(parameters(nonce, additional), imported, sealed));
      } catch {
        throw new Refusal('bad_tag');
      }
    },
    wipe() {},
  };
}

/** Takes the key over and wipes it when it can. */
export async function aead(algorithm: Algorithm, key: Bytes): Promise<Aead> {
  if (algorithm.cipher === 'gcm') return aesGcm(key);
  return algorithm.cipher === 'ccm' ? aesCcm(key) : chacha(key);
}
