// SPDX-License-Identifier: Apache-2.0
// The same code in Chromium.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { launch } from 'puppeteer-core';

let server;
let browser;

before(async () => {
  const entry = fileURLToPath(new URL('page.js', import.meta.url));
  const bundle = await build({ entryPoints: [entry], bundle: true, format: 'esm', platform: 'browser', write: false });
  server = createServer((request, response) => {
    const script = request.url === '/page.js';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    response.end(script ? bundle.outputFiles[0].text : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launch({
    executablePath: process.env.RESEAL_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
});

after(async () => {
  await browser?.close();
  server?.close();
});

async function open() {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => typeof globalThis.raise === 'function');
  return page;
}

test('every vector seals and opens byte for byte, and every malformed envelope is refused', async () => {
  const vectors = JSON.parse(readFileSync(process.env.RESEAL_VECTORS, 'utf8'));
  const page = await open();
  const counts = await page.evaluate((all) => globalThis.check(all), vectors);
  assert.deepEqual(counts, [vectors.vectors.length, vectors.malformed.reject.length, 5]);
  await page.close();
});

test('an epoch never comes twice, also after the page was loaded again', async () => {
  const page = await open();
  const first = await page.evaluate(() => Promise.all([1, 2, 3].map(() => globalThis.raise('ward-7/01'))));
  assert.deepEqual([...first].sort(), [1, 2, 3]);
  await page.close();
  const again = await open();
  assert.equal(await again.evaluate(() => globalThis.raise('ward-7/01')), 4);
  await again.close();
});

test('one page at a time seals for a principal', async () => {
  const first = await open();
  const second = await open();
  assert.equal(await first.evaluate(() => globalThis.raise('ward-7/02')), 1);
  assert.equal(await second.evaluate(() => globalThis.raise('ward-7/02')), 'in_use');
  assert.equal(await second.evaluate(() => globalThis.raise('ward-7/03')), 1, 'another principal');
  await first.close(); // the browser frees its lock a little later
  await second.waitForFunction(async () => (globalThis.epoch = await globalThis.raise('ward-7/02')) !== 'in_use');
  assert.equal(await second.evaluate(() => globalThis.epoch), 2);
  await second.close();
});
