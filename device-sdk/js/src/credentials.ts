// SPDX-License-Identifier: Apache-2.0
// What a principal shares with its broker, with the master secret as a key that WebCrypto does not give out again.
import { algorithmOf } from './algorithm.js';
import { fromHex, hex, type Bytes } from './bytes.js';
import { Refusal } from './refusal.js';

export class Credentials {
  private constructor(
    readonly principal: string,
    readonly realm: string,
    readonly algorithm: number,
    readonly keyId: Bytes,
    /** HKDF key, not extractable. */
    readonly master: CryptoKey,
  ) {}

  /** Names the key generation in stores. */
  get name(): string {
    return `${this.realm}/${hex(this.keyId)}`;
  }

  /**
   * Reads what `reseal-provision export ID --format json` wrote: its text, or the object of it. Throws a Refusal
   * `bad_credentials` that names the field; NoWebCrypto where the page was not loaded over https.
   */
  static async read(json: string | object): Promise<Credentials> {
    if (globalThis.crypto?.subtle === undefined) throw new NoWebCrypto();
    const fields = typeof json === 'string' ? parse(json) : (json as Record<string, unknown>);
    check(fields, 'format', /^reseal-credentials\/2$/);
    const algorithm = Number(fields['algorithm']);
    if (algorithmOf(algorithm) === undefined) throw new Refusal('bad_credentials', '"algorithm" is not a known one');
    const principal = check(fields, 'principal', /^[A-Za-z0-9._-]{1,64}$/);
    const realm = check(fields, 'realm', /^[A-Za-z0-9._-]{1,64}$/);
    const keyId = fromHex(check(fields, 'key_id', /^[0-9a-f]{14}$/));
    const secret = fromHex(check(fields, 'master_secret', /^[0-9a-f]{64}$/));
    const master = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
    secret.fill(0);
    return new Credentials(principal, realm, algorithm, keyId, master);
  }
}

/** The browser has no WebCrypto here: the page must be loaded over https, or from localhost. */
export class NoWebCrypto extends Error {
  override readonly name = 'NoWebCrypto';
  constructor() {
    super('this browser offers no WebCrypto on this page: load the page over https');
  }
}

function parse(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // The text of JSON's own error could quote the secret.
  }
  throw new Refusal('bad_credentials', 'not a JSON object');
}

function check(fields: Record<string, unknown>, name: string, form: RegExp): string {
  const value = fields[name];
  if (typeof value !== 'string' || !form.test(value)) throw new Refusal('bad_credentials', `"${name}" is wrong`);
  return value;
}
