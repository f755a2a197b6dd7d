// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import '../dist/node.js'; // Node.js 18 has WebCrypto only then
import { check } from './vectors.js';

const vectors = JSON.parse(readFileSync(process.env.RESEAL_VECTORS, 'utf8'));

test('every vector seals and opens byte for byte, and every malformed envelope is refused', async () => {
  assert.deepEqual(await check(vectors), [vectors.vectors.length, vectors.malformed.reject.length, 5]);
});
