// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { check } from './vectors.js';

const vectors = JSON.parse(readFileSync(process.env.RESEAL_VECTORS, 'utf8'));

test('every vector seals and opens byte for byte, and every malformed envelope is refused', async () => {
  assert.deepEqual(await check(vectors), [vectors.vectors.length, vectors.malformed.reject.length, 5]);
});
