// SPDX-License-Identifier: Apache-2.0
// The keys of one epoch and direction (docs/protocol.md, "Derivation"), and what they seal and open.
import { aead, algorithmOf, TAG_SIZE, type Aead } from './algorithm.js';
import { bigEndian, concat, utf8, type Bytes } from './bytes.js';
import { head, Major, string } from './cbor.js';
import type { Credentials } from './credentials.js';
import {
  additionalData,
  topicBytes,
  writeHeader,
  type Direction,
  type Envelope,
  type Epoch,
  type Header,
} from './envelope.js';
import { Refusal } from './refusal.js';

async function derive(credentials: Credentials, context: Bytes, direction: number, type: string, size: number) {
  const info = concat(
    head(Major.array, 5),
    string(Major.bytes, concat(credentials.keyId, direction)),
    string(Major.bytes, context),
    head(Major.uint, credentials.algorithm),
    string(Major.text, utf8(type)),
    head(Major.uint, size),
  );
  const salt = concat(credentials.keyId, utf8(credentials.realm));
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt, info };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, credentials.master, 8 * size));
}

export class EpochKeys {
  private constructor(
    readonly header: Omit<Header, 'counter'>,
    readonly baseIv: Bytes,
    private readonly aead: Aead,
    private readonly plaintextMax: number,
  ) {}

  static async derive(credentials: Credentials, direction: Direction, epoch: Epoch): Promise<EpochKeys> {
    const algorithm = algorithmOf(credentials.algorithm);
    if (algorithm === undefined) throw new Refusal('bad_credentials');
    const context = concat(bigEndian(epoch.number, 4), epoch.salt);
    const key = await derive(credentials, context, direction, 'Key', algorithm.keySize);
    const baseIv = await derive(credentials, context, direction, 'IV', algorithm.nonceSize);
    const header = { algorithm: credentials.algorithm, keyId: credentials.keyId, direction, epoch };
    return new EpochKeys(header, baseIv, await aead(algorithm, key), algorithm.plaintextMax);
  }

  nonce(counter: number): Bytes {
    const padded = bigEndian(counter, this.baseIv.length);
    return this.baseIv.map((byte, i) => byte ^ (padded[i] ?? 0));
  }

  /** Throws a Refusal: `bad_topic`, `too_long`. Called before a counter is taken. */
  check(topic: string, plaintext: Bytes): void {
    topicBytes(topic);
    if (plaintext.length > this.plaintextMax) throw new Refusal('too_long');
  }

  /** The caller never uses a counter twice. */
  async seal(counter: number, topic: string, plaintext: Bytes): Promise<Bytes> {
    const additional = additionalData(this.header.algorithm, topicBytes(topic));
    const sealed = await this.aead.seal(this.nonce(counter), additional, plaintext);
    const out = writeHeader({ ...this.header, counter }, plaintext.length + TAG_SIZE);
    return concat(out, sealed);
  }

  /** Throws a Refusal: `bad_topic`, `bad_tag`. */
  async open(envelope: Envelope, topic: string): Promise<Bytes> {
    const additional = additionalData(envelope.algorithm, topicBytes(topic));
    return this.aead.open(this.nonce(envelope.counter), additional, envelope.sealed);
  }

  wipe(): void {
    this.baseIv.fill(0);
    this.aead.wipe();
  }
}
