// SPDX-License-Identifier: Apache-2.0
// The page itself: small, alone, labelled, and hard to fool.
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Phone, startBrowser } from './browser.js';
import { CODE, Device } from './device.js';

let browser;
let device;
let phone;

before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());
beforeEach(async () => {
  device = await Device.start();
  phone = await Phone.open(browser, device.url);
});
afterEach(async () => {
  await phone.close();
  await device.end();
});

// What goes over the air, as it is.
function download(url) {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(parts) }));
    }).on('error', reject);
  });
}

test('page and script together have at most 32 KiB', async () => {
  const { headers, body } = await download(device.url);
  assert.equal(headers['content-encoding'], 'gzip');
  assert.ok(body.length <= 32 * 1024, `${body.length} bytes`);
  console.log(`the page has ${body.length} bytes`);
});

test('the page asks for nothing but itself, and nothing complains', async () => {
  await phone.connect(CODE);
  assert.deepEqual(
    phone.requests.filter((url) => !url.startsWith('data:')),
    [device.url, device.url + 'settings'],
  );
  assert.deepEqual(phone.complaints, []);
});

test('no other script, style or address would be allowed', async () => {
  const policy = phone.response.headers()['content-security-policy'];
  assert.match(
    policy,
    /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'; /,
  );
  const ran = await phone.page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    return window.ran === true;
  });
  assert.equal(ran, false);
});

test('a code is grouped and checked while it is typed', async () => {
  await phone.type('code', CODE.toLowerCase().replaceAll('-', '').slice(0, 17));
  assert.equal(await phone.value('code'), CODE.slice(0, 21));
  assert.equal(await phone.text('code-said'), '');
  await phone.page.type('#code', 'b');
  assert.match(await phone.text('code-said'), /check digits do not match/);
  await phone.page.keyboard.press('Backspace');
  await phone.page.type('#code', '9');
  assert.equal(await phone.value('code'), CODE);
  assert.match(await phone.text('code-said'), /check digits match/);
});

test('a character in the middle of a code can be corrected', async () => {
  await phone.type('code', CODE.replace('Q', '7'));
  assert.match(await phone.text('code-said'), /check digits do not match/);
  await phone.page.$eval('#code', (input) => input.setSelectionRange(5, 6));
  await phone.page.keyboard.type('q');
  assert.equal(await phone.value('code'), CODE);
  assert.equal(await phone.page.$eval('#code', (input) => input.selectionStart), 6);
});

test('what looks alike counts as the same, other letters are told', async () => {
  await phone.type('code', 'oOiIlL');
  assert.equal(await phone.value('code'), '0011-11');
  await phone.type('code', 'u');
  assert.match(await phone.text('code-said'), /letter U/);
});

test('a code with wrong check digits is not sent, so it costs no try', async () => {
  assert.equal(await phone.connect(CODE.slice(0, -1)), '');
  assert.match(await phone.text('code-said'), /has 18 characters/);
  await phone.connect(CODE.slice(0, -1) + '0');
  assert.deepEqual(
    phone.requests.filter((url) => url.endsWith('/settings')),
    [],
  );
});

test('an answer that another device made is not believed', async () => {
  await phone.page.setRequestInterception(true);
  phone.page.on('request', (request) => {
    if (!request.url().endsWith('/settings')) return request.continue();
    return request.respond({ status: 200, body: Buffer.concat([Buffer.from([1, 5]), Buffer.alloc(16 + 256 + 16, 7)]) });
  });
  assert.match(await phone.connect(CODE), /did not come from your device/);
  assert.equal(await phone.isVisible('settings'), false);
});

test('a device that is gone is told', async () => {
  await device.end();
  assert.match(await phone.connect(CODE), /did not answer[^]*still on its Wi-Fi/);
});

test('every input and button has a name', async () => {
  await phone.connect(CODE);
  const tree = await phone.page.accessibility.snapshot();
  const controls = [];
  const collect = (node) => {
    if (['textbox', 'button', 'switch', 'checkbox'].includes(node.role)) controls.push(node.name);
    node.children?.forEach(collect);
  };
  collect(tree);
  assert.ok(controls.length >= 10, controls.join());
  assert.deepEqual(
    controls.filter((name) => !name),
    [],
  );
});

test('the password can be shown', async () => {
  await phone.connect(CODE);
  const type = () => phone.page.$eval('#wifi-password', (input) => input.type);
  assert.equal(await type(), 'password');
  await phone.page.click('#show');
  assert.equal(await type(), 'text');
  await phone.page.click('#show');
  assert.equal(await type(), 'password');
});
