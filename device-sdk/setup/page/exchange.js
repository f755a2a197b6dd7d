// SPDX-License-Identifier: Apache-2.0
// The sealed exchange of docs/setup-mode.md.
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';

const CHALLENGE_SIZE = 16;
const ANSWER_HEAD = 2 + CHALLENGE_SIZE;
const BLOCK = 512;
const READ = 1;
const WRITE = 2;
const [SEALED, WRONG_CODE, STALE] = [1, 2, 3];
const [, TAKEN, REFUSED, NOT_STORED] = [1, 2, 3, 4];

export const FIELD = {
  wifiName: 1,
  wifiPassword: 2,
  broker: 3,
  port: 4,
  tls: 5,
  credentials: 6,
  ca: 7,
  certificate: 8,
  key: 9,
};

export const bytesOf = (text) => new TextEncoder().encode(text);
const textOf = (bytes) => new TextDecoder().decode(bytes);

export function joined(...parts) {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

const sized = (bytes) => joined([bytes.length >> 8, bytes.length & 255], bytes);

// `changes` maps fields' numbers to bytes.
function formOf(changes) {
  const fields = Object.entries(changes).sort(([a], [b]) => a - b);
  return joined([2], ...fields.map(([number, value]) => joined([number], sized(value))));
}

// What a device shows of its settings.
function shownOf(form) {
  const fields = {};
  for (let at = 1; at < form.length;) {
    const size = form[at + 1] * 256 + form[at + 2];
    fields[form[at]] = form.subarray(at + 3, at + 3 + size);
    at += 3 + size;
  }
  const [high, low] = fields[FIELD.port];
  return {
    wifiName: textOf(fields[FIELD.wifiName]),
    hasPassword: fields[FIELD.wifiPassword][0] === 1,
    broker: textOf(fields[FIELD.broker]),
    port: high * 256 + low,
    tls: fields[FIELD.tls][0] === 1,
    principal: textOf(fields[FIELD.credentials]),
    hasCa: fields[FIELD.ca][0] === 1,
    hasCertificate: fields[FIELD.certificate][0] === 1,
  };
}

// A cipher for one message in one direction; its key is never used again, so the nonce may be zero.
function cipher(secret, salt, label, head) {
  const key = hkdf(sha256, secret, salt, bytesOf('reseal-setup-1 ' + label), 32);
  return chacha20poly1305(key, new Uint8Array(12), head);
}

function contentOf(kind, form) {
  const content = joined([kind], sized(form));
  return joined(content, new Uint8Array(Math.ceil(content.length / BLOCK) * BLOCK - content.length));
}

async function post(body) {
  const response = await fetch('/settings', {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body,
    cache: 'no-store',
    signal: AbortSignal.timeout(15000),
  });
  if (!response.ok)
    return { happened: { 403: 'closed', 503: 'busy' }[response.status] || 'failed', text: await response.text() };
  return { answer: new Uint8Array(await response.arrayBuffer()) };
}

function readContent(content) {
  const rest = content.subarray(3, 3 + content[1] * 256 + content[2]);
  if (content[0] === REFUSED) return { happened: 'refused', field: rest[0], text: textOf(rest.subarray(1)) };
  if (content[0] === NOT_STORED) return { happened: 'not stored' };
  return { happened: content[0] === TAKEN ? 'taken' : 'shown', shown: shownOf(rest) };
}

// Opens an answer. One that does not open was not sealed by a device that has the code and got this request.
function openAnswer(secret, salt, answer) {
  try {
    const content = cipher(secret, salt, 'answer', answer.subarray(0, ANSWER_HEAD)).decrypt(
      answer.subarray(ANSWER_HEAD),
    );
    return readContent(content);
  } catch {
    return { happened: 'not proven' };
  }
}

export class Device {
  constructor(challenge) {
    this.challenge = challenge;
  }

  // What the device has.
  read(secret) {
    return this.#exchange(secret, contentOf(READ, []));
  }

  // Changes settings.
  write(secret, changes) {
    return this.#exchange(secret, contentOf(WRITE, formOf(changes)));
  }

  // Another page may have been served meanwhile: the challenge is then stale, and the answer brings the one that is due.
  async #exchange(secret, content) {
    const first = await this.#ask(secret, content);
    return first.happened === 'stale' ? this.#ask(secret, content) : first;
  }

  async #ask(secret, content) {
    const salt = joined(this.challenge, crypto.getRandomValues(new Uint8Array(16)));
    const { answer, ...failure } = await post(joined(salt, cipher(secret, salt, 'request', salt).encrypt(content)));
    if (!answer) return failure;
    if (answer.length < ANSWER_HEAD) return { happened: 'not proven' };
    this.challenge = answer.slice(2, ANSWER_HEAD);
    const triesLeft = answer[1];
    if (answer[0] === SEALED) return openAnswer(secret, salt, answer);
    return { happened: { [WRONG_CODE]: 'wrong code', [STALE]: 'stale' }[answer[0]] || 'not proven', triesLeft };
  }
}
