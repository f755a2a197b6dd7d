// SPDX-License-Identifier: Apache-2.0
// Bundles the page into one HTML, packs it, and writes it as C.
//   node build.js OUTPUT.c
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

async function bundle(name) {
  const options = {
    entryPoints: [here(name)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
  };
  return (await build(options)).outputFiles[0].text.trim();
}

const script = await bundle('page.js');
const style = await bundle('style.css');
const html = readFileSync(here('index.html'), 'utf8')
  .replace(/^<!--.*-->\n/, '')
  .replace(/\n\s*/g, '\n')
  .replace('<style></style>', () => `<style>${style}</style>`)
  .replace('<script></script>', () => `<script>${script}</script>`);
if (/<\/script/i.test(script) || /https?:\/\//.test(script + style))
  throw new Error('the bundle ends its script early, or names another host');

const policy =
  `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; connect-src 'self'; img-src data:; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const head =
  [
    'HTTP/1.1 200 OK',
    'Content-Type: text/html; charset=utf-8',
    'Content-Encoding: gzip',
    'Cache-Control: no-store',
    `Content-Security-Policy: ${policy}`,
    'Referrer-Policy: no-referrer',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ]
    .map((line) => line + '\r\n')
    .join('') + '\r\n';

// A gzip file without its last block and its trailer, which the device writes: see page_tail.h.
const bytes = Buffer.from(html);
const gzip = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]),
  deflateRawSync(bytes, { level: 9, memLevel: 9, finishFlush: constants.Z_SYNC_FLUSH }),
]);
const crc = gzipSync(bytes).readUInt32LE(gzipSync(bytes).length - 8);

const lines = (data) =>
  data
    .toString('hex')
    .match(/.{1,48}/g)
    .map((line) => '    ' + line.replace(/../g, '0x$&, ').trim())
    .join('\n');
writeFileSync(
  process.argv[2],
  `/* Made by build.js: ${bytes.length} bytes of page, ${gzip.length} packed. */
#include <reseal/setup.h>

static const uint8_t head[] = {
${lines(Buffer.from(head))}
};

static const uint8_t gzip[] = {
${lines(gzip)}
};

const struct reseal_setup_page reseal_page = {
    .head = {head, sizeof head}, .gzip = {gzip, sizeof gzip}, .crc = ${crc}U, .size = ${bytes.length}U};
`,
);
