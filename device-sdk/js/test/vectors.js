// SPDX-License-Identifier: Apache-2.0
// What every platform must do with tests/vectors/reseal-v2.json. Throws at the first difference.
import { Credentials, EpochKeys, parse, Receiver, Refusal } from '../dist/index.js';

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

function same(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: ${actual} instead of ${expected}`);
}

export function credentialsOf(vector) {
  return Credentials.read({
    format: 'reseal-credentials/2',
    principal: 'vector',
    realm: vector.realm,
    algorithm: vector.alg,
    key_id: vector.key_id,
    master_secret: vector.master,
  });
}

export async function reasonOf(promise) {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
  return 'accepted';
}

async function sealsAndOpens(vector) {
  const credentials = await credentialsOf(vector);
  const epoch = { number: vector.epoch, salt: bytes(vector.salt) };
  const keys = await EpochKeys.derive(credentials, vector.direction, epoch);
  same(hex(keys.baseIv), vector.base_iv, `${vector.name} base IV`);
  same(hex(keys.nonce(vector.counter)), vector.nonce, `${vector.name} nonce`);
  const sealed = await keys.seal(vector.counter, vector.topic, bytes(vector.plaintext));
  same(hex(sealed), vector.envelope, `${vector.name} envelope`);
  const receiver = new Receiver(credentials, vector.direction);
  const { payload } = await receiver.open(vector.topic, sealed);
  same(hex(payload), vector.plaintext, `${vector.name} plaintext`);
  same(await reasonOf(receiver.open(vector.topic, sealed)), 'replay', `${vector.name} again`);
  const moved = await reasonOf(new Receiver(credentials, vector.direction).open(`${vector.topic}x`, sealed));
  same(moved, 'bad_tag', `${vector.name} under another topic`);
  const changed = sealed.slice();
  changed[changed.length - 1] ^= 1;
  const reason = await reasonOf(new Receiver(credentials, vector.direction).open(vector.topic, changed));
  same(reason, 'bad_tag', `${vector.name} changed`);
}

async function refuses(valid, { why, envelope }) {
  const receiver = new Receiver(await credentialsOf(valid), valid.direction);
  const reason = await reasonOf(receiver.open(valid.topic, bytes(envelope)));
  if (reason === 'accepted') throw new Error(`accepted although ${why}`);
}

/** The numbers of vectors that were right, and of envelopes that were refused. */
export async function check({ vectors, malformed }) {
  for (const vector of vectors) await sealsAndOpens(vector);
  parse(bytes(malformed.valid.envelope));
  for (const one of malformed.reject) await refuses(malformed.valid, one);
  return [vectors.length, malformed.reject.length, new Set(vectors.map((one) => one.alg)).size];
}
