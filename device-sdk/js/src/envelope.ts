// SPDX-License-Identifier: Apache-2.0
// The one shape of a sealed message (docs/protocol.md, "Message"), and its additional data.
import { algorithmOf, TAG_SIZE } from './algorithm.js';
import { bigEndian, concat, number, same, utf8, type Bytes } from './bytes.js';
import { head, Major, string } from './cbor.js';
import { Refusal } from './refusal.js';

export const COUNTER_LIMIT = 2 ** 20;
export const UPLINK = 1;
export const DOWNLINK = 2;
export type Direction = typeof UPLINK | typeof DOWNLINK;

const PROTOCOL_VERSION = 2;
const COSE_ENCRYPT0 = 16;
const HEADER_FIXED = 28; // the header without algorithm, counter and the head of the sealed bytes
const MESSAGE_MIN = HEADER_FIXED + 3 + TAG_SIZE;
const TOPIC_MAX = 65535;

/** An epoch's number, 1 to 2^32-1, and its salt of 4 bytes. */
export interface Epoch {
  number: number;
  salt: Bytes;
}

export interface Header {
  algorithm: number;
  keyId: Bytes;
  direction: number;
  counter: number;
  epoch: Epoch;
}

export interface Envelope extends Header {
  /** Ciphertext and tag. */
  sealed: Bytes;
}

export function sameEpoch(a: Epoch, b: Epoch): boolean {
  return a.number === b.number && same(a.salt, b.salt);
}

function counterSize(counter: number): number {
  if (counter < 0x100) return 1;
  return counter < 0x10000 ? 2 : 3;
}

const protectedHeader = (algorithm: number) =>
  string(Major.bytes, concat(head(Major.map, 1), 1, head(Major.uint, algorithm)));

export function writeHeader(header: Header, sealedSize: number): Bytes {
  return concat(
    head(Major.tag, COSE_ENCRYPT0),
    head(Major.array, 3),
    protectedHeader(header.algorithm),
    head(Major.map, 3),
    4,
    string(Major.bytes, concat(header.keyId, header.direction)),
    6,
    string(Major.bytes, bigEndian(header.counter, counterSize(header.counter))),
    10,
    string(Major.bytes, concat(bigEndian(header.epoch.number, 4), header.epoch.salt)),
    head(Major.bytes, sealedSize),
  );
}

const headSize = (first: number | undefined) => ({ 0x58: 2, 0x59: 3, 0x5a: 5 })[first ?? 0] ?? 1;

/** Reads the fields from where they must be and trusts nothing else. */
function readFields(message: Bytes): Envelope {
  let at = message[2] === 0x44 ? 6 : 5;
  const take = (size: number) => message.slice(at, (at += size));
  const algorithm = number(take(1));
  at += 3;
  const keyId = take(7);
  const direction = number(take(1));
  at += 1;
  const ivSize = number(take(1)) & 0x0f;
  if (ivSize > 3) throw new Refusal('malformed');
  const counter = number(take(ivSize));
  at += 2;
  const epoch = { number: number(take(4)), salt: take(4) };
  at += headSize(message[at]);
  return { algorithm, keyId, direction, counter, epoch, sealed: message.slice(at) };
}

/** Writing the fields again must give the same bytes: the protocol allows one way to write each header. */
function shapeIsRight(message: Bytes, envelope: Envelope): boolean {
  const algorithm = algorithmOf(envelope.algorithm);
  const size = envelope.sealed.length;
  if (algorithm === undefined || size < TAG_SIZE || size - TAG_SIZE > algorithm.plaintextMax) return false;
  if (envelope.direction !== UPLINK && envelope.direction !== DOWNLINK) return false;
  return same(writeHeader(envelope, size), message.subarray(0, message.length - size));
}

/** Throws a Refusal: `malformed`, `stale_epoch` for epoch 0, `counter_limit`. */
export function parse(message: Uint8Array): Envelope {
  if (message.length < MESSAGE_MIN) throw new Refusal('malformed');
  const bytes = new Uint8Array(message);
  const envelope = readFields(bytes);
  if (!shapeIsRight(bytes, envelope)) throw new Refusal('malformed');
  if (envelope.epoch.number === 0) throw new Refusal('stale_epoch');
  if (envelope.counter >= COUNTER_LIMIT) throw new Refusal('counter_limit');
  return envelope;
}

/** Throws a Refusal `bad_topic`. */
export function topicBytes(topic: string): Bytes {
  const bytes = utf8(topic);
  if (bytes.length === 0 || bytes.length > TOPIC_MAX || /[+#\0]/.test(topic)) throw new Refusal('bad_topic');
  return bytes;
}

/** Enc_structure of RFC 9052, section 5.3. */
export function additionalData(algorithm: number, topic: Bytes): Bytes {
  const external = concat(head(Major.array, 2), PROTOCOL_VERSION, string(Major.text, topic));
  return concat(
    head(Major.array, 3),
    string(Major.text, utf8('Encrypt0')),
    protectedHeader(algorithm),
    string(Major.bytes, external),
  );
}
