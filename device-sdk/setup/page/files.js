// SPDX-License-Identifier: Apache-2.0
// Files of 'provision': credentials (JSON), certificates and keys (PEM). A file that is none is told as an Error.
import { bytesOf, fromHex, joined } from './exchange.js';

const isHex = (text, bytes) => typeof text === 'string' && text.length === 2 * bytes && /^[0-9a-f]*$/.test(text);

// The credentials' name, and their bytes for the device.
export function credentialsOf(text) {
  let json = {};
  try {
    json = JSON.parse(text) || {};
  } catch {
    // told below
  }
  const { format, principal, realm, algorithm, key_id: keyId, master_secret: master } = json;
  const isRight =
    format === 'reseal-credentials/2' &&
    /^[\w.-]{1,64}$/.test(principal) &&
    /^[\w.-]{1,64}$/.test(realm) &&
    [1, 3, 24, 30, 31].includes(algorithm) &&
    isHex(keyId, 7) &&
    isHex(master, 32);
  if (!isRight)
    throw new Error('This is not a credentials file. Choose the one that ‘provision export ID --format json’ wrote.');
  const names = joined([realm.length], bytesOf(realm), bytesOf(principal));
  return { name: principal, bytes: joined([algorithm], fromHex(keyId), fromHex(master), names) };
}

function blocksOf(text, label) {
  const found = text.matchAll(new RegExp(`-----BEGIN (${label})-----([^-]*)-----END \\1-----`, 'g'));
  return [...found].map(([, , base64]) => base64);
}

function bytesOfBase64(base64) {
  try {
    return Uint8Array.from(atob(base64.replace(/\s/g, '')), (c) => c.charCodeAt(0));
  } catch {
    throw new Error('The file is damaged: it does not hold Base64 between its BEGIN and END lines.');
  }
}

function onlyBlock(text, label, what) {
  const blocks = blocksOf(text, label);
  if (blocks.length !== 1)
    throw new Error(`The file holds ${blocks.length || 'no'} ${what}. Choose a file with exactly one (PEM).`);
  return bytesOfBase64(blocks[0]);
}

export const certificateOf = (text) => onlyBlock(text, 'CERTIFICATE', 'certificates');

export function keyOf(text) {
  if (/BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text))
    throw new Error('The key has a passphrase. Choose a key without one.');
  return onlyBlock(text, '(?:EC |RSA )?PRIVATE KEY', 'private keys');
}
