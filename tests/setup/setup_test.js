// SPDX-License-Identifier: Apache-2.0
// Setting a device up from a phone: what is typed is what the device stores, and nothing else happens.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Phone, startBrowser } from './browser.js';
import { CODE, Device, WRONG_CODE } from './device.js';

const CREDENTIALS = {
  format: 'reseal-credentials/2',
  realm: 'ward-7',
  principal: 'bed-12',
  algorithm: 30,
  key_id: '01020304050607',
  master_secret: 'ab'.repeat(32),
};
const DER = Buffer.from('3003020105', 'hex');
const pem = (label) => `A line before.\n-----BEGIN ${label}-----\n${DER.toString('base64')}\n-----END ${label}-----\n`;
const SET_UP = {
  wifiName: Buffer.from('Station 7'),
  wifiPassword: Buffer.from('correct horse'),
  broker: Buffer.from('broker.example'),
  port: Buffer.from([0x07, 0x5b]),
  tls: Buffer.from([0]),
  credentials: Buffer.concat([Buffer.from([30, 1, 2, 3, 4, 5, 6, 7]), Buffer.alloc(32, 0xab), Buffer.from('\x06ward-7bed-12')]),
};

let browser;
let folder;
let device;
let phone;

before(async () => {
  browser = await startBrowser();
  folder = mkdtempSync(join(tmpdir(), 'reseal-setup-'));
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await phone.close();
  await device.end();
});

function file(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function start(settings) {
  device = await Device.start(settings);
  phone = await Phone.open(browser, device.url);
}

async function setUpWith({ name = 'Ward', password = 'password', broker = 'broker.example', port = '1883' }) {
  await phone.type('wifi-name', name);
  await phone.type('wifi-password', password);
  await phone.page.click('#tls');
  await phone.type('broker', broker);
  await phone.type('port', port);
  return phone.tap('send');
}

test('a first set-up with sealed CONNECT', async () => {
  await start();
  await phone.screenshot('1-code');
  await phone.connect(CODE);
  assert.equal(await phone.text('has-name'), 'no credentials yet');
  assert.equal(await phone.value('port'), '8883');
  await phone.type('wifi-name', 'Station 7');
  await phone.type('wifi-password', 'correct horse');
  await phone.type('broker', 'broker.example');
  await phone.page.click('#tls');
  assert.equal(await phone.value('port'), '1883');
  await phone.choose('credentials', file('bed-12.json', JSON.stringify(CREDENTIALS)));
  await phone.screenshot('2-settings');
  assert.match(await phone.tap('send'), /Your device has accepted the settings\.[^]*It now connects to “Station 7”/);
  await phone.screenshot('3-taken');
  const stored = await device.stored();
  for (const [name, value] of Object.entries(SET_UP)) assert.deepEqual(stored[name], value, name);
  assert.equal(stored.ca.length + stored.certificate.length + stored.key.length, 0);
});

test('a first set-up with TLS and its three files', async () => {
  await start();
  await phone.connect(CODE);
  await phone.type('wifi-name', 'Ward');
  await phone.type('wifi-password', 'password');
  await phone.type('broker', '192.0.2.7');
  await phone.choose('ca', file('ca.crt', pem('CERTIFICATE')));
  await phone.choose('certificate', file('bed-12.crt', pem('CERTIFICATE')));
  await phone.choose('key', file('bed-12.key', pem('EC PRIVATE KEY')));
  await phone.screenshot('4-tls');
  assert.match(await phone.tap('send'), /has accepted the settings[^]*still has no credentials/);
  const stored = await device.stored();
  assert.deepEqual(stored.tls, Buffer.from([1]));
  assert.deepEqual(stored.port, Buffer.from([0x22, 0xb3]));
  for (const name of ['ca', 'certificate', 'key']) assert.deepEqual(stored[name], DER, name);
});

for (const name of [
  ' two  spaces ',
  '"double" \'one\' `b` \\ <b>&amp;',
  'Königin-Elisabeth-Straße ç',
  'L’été à l’hôpital',
  '病院 🚑',
  'n',
]) {
  test(`the Wi-Fi name ${name}`, async () => {
    await start();
    await phone.connect(CODE);
    const said = await setUpWith({ name });
    assert.match(said, /has accepted/);
    assert.equal((await device.stored()).wifiName.toString(), name);
    assert.equal(await phone.page.$eval('#has-wifi', (element) => element.textContent), `${name} (with a password)`);
  });
}

test('values of 63 characters', async () => {
  await start();
  await phone.connect(CODE);
  const password = ' "p\'\\~'.padEnd(63, 'p');
  const broker = 'b'.repeat(63);
  assert.match(await setUpWith({ name: 'n'.repeat(32), password, broker, port: '65535' }), /has accepted/);
  const stored = await device.stored();
  assert.equal(stored.wifiName.toString(), 'n'.repeat(32));
  assert.equal(stored.wifiPassword.toString(), password);
  assert.equal(stored.broker.toString(), broker);
  assert.deepEqual(stored.port, Buffer.from([255, 255]));
});

test('a broker and a port of one character', async () => {
  await start();
  await phone.connect(CODE);
  assert.match(await setUpWith({ broker: 'b', port: '1' }), /has accepted/);
  const stored = await device.stored();
  assert.equal(stored.broker.toString(), 'b');
  assert.deepEqual(stored.port, Buffer.from([0, 1]));
});

const WRONG = [
  ['wifi-name', { name: 'ä'.repeat(17) }, /1 to 32 bytes/],
  ['wifi-password', { password: 'p' }, /8 to 63 characters/],
  ['wifi-password', { password: 'pässwörter' }, /none outside of ASCII/],
  ['wifi-password', { password: 'p'.repeat(64) }, /8 to 63 characters/],
  ['broker', { broker: 'mqtt://broker' }, /host name or four numbers/],
  ['broker', { broker: 'b'.repeat(64) }, /1 to 63 characters/],
  ['port', { port: '65536' }, /1 to 65535/],
];
for (const [id, values, right] of WRONG) {
  test(`a wrong value is named: ${JSON.stringify(values).slice(0, 40)}`, async () => {
    await start();
    await phone.connect(CODE);
    assert.match(await setUpWith(values), /Nothing was changed/);
    assert.match(await phone.text(`${id}-said`), right);
    assert.equal(
      await phone.page.$eval(
        '#' + id,
        (input) => input.getAttribute('aria-invalid') + (document.activeElement === input),
      ),
      'truetrue',
    );
    await phone.screenshot('5-wrong-value');
  });
}

test('TLS without a CA certificate is refused', async () => {
  await start(SET_UP);
  await phone.connect(CODE);
  await phone.page.click('#tls');
  assert.match(await phone.tap('send'), /Nothing was changed/);
  assert.match(await phone.text('ca-said'), /which TLS needs/);
});

test('files that are none are told before anything is sent', async () => {
  await start(SET_UP);
  await phone.connect(CODE);
  await phone.page.click('#tls');
  await phone.choose('credentials', file('wrong.json', '{"format":"reseal-credentials/2"}'));
  await phone.choose('ca', file('two.crt', pem('CERTIFICATE') + pem('CERTIFICATE')));
  await phone.choose('certificate', file('empty.crt', ''));
  await phone.choose('key', file('sealed.key', pem('ENCRYPTED PRIVATE KEY')));
  assert.equal(await phone.tap('send'), '');
  assert.match(await phone.text('credentials-said'), /not a credentials file/);
  assert.match(await phone.text('ca-said'), /holds 2 certificates/);
  assert.match(await phone.text('certificate-said'), /holds no certificates/);
  assert.match(await phone.text('key-said'), /passphrase/);
});

test('what a device has is shown, never its secrets, and kept unless it is replaced', async () => {
  await start(SET_UP);
  await phone.connect(CODE);
  assert.equal(await phone.text('has-name'), 'bed-12');
  assert.equal(await phone.text('has-wifi'), 'Station 7 (with a password)');
  assert.equal(await phone.text('has-broker'), 'broker.example, port 1883');
  assert.equal(await phone.text('has-tls'), 'off; no certificates');
  assert.equal(await phone.value('wifi-password'), '');
  await phone.screenshot('6-has');
  await phone.type('broker', 'other.example');
  assert.match(await phone.tap('send'), /has accepted/);
  const stored = await device.stored();
  for (const [name, value] of Object.entries({ ...SET_UP, broker: Buffer.from('other.example') }))
    assert.deepEqual(stored[name], value, name);
});

test('another network asks for its password', async () => {
  await start(SET_UP);
  await phone.connect(CODE);
  await phone.type('wifi-name', 'Other');
  assert.equal(await phone.tap('send'), '');
  assert.match(await phone.text('wifi-password-said'), /Type the network’s password/);
  await phone.page.click('#wifi-open');
  assert.match(await phone.tap('send'), /has accepted/);
  const stored = await device.stored();
  assert.equal(stored.wifiName.toString(), 'Other');
  assert.equal(stored.wifiPassword.length, 0);
});

test('a wrong code changes nothing; the right one is then accepted', async () => {
  await start(SET_UP);
  assert.match(await phone.connect(WRONG_CODE), /does not accept this pairing code[^]*4 tries are left/);
  assert.equal(await phone.isVisible('settings'), false);
  assert.equal(await phone.text('has-wifi'), '');
  await phone.screenshot('7-wrong-code');
  await phone.connect(CODE);
  assert.equal(await phone.text('has-wifi'), 'Station 7 (with a password)');
});

test('five wrong codes close the mode, also for the right one and after loading the page anew', async () => {
  await start(SET_UP);
  for (const left of ['4 tries are left', '3 tries are left', '2 tries are left', 'One try is left']) {
    assert.match(await phone.connect(WRONG_CODE), new RegExp(left));
  }
  assert.match(await phone.connect(WRONG_CODE), /Configuration mode is closed[^]*off and on again/);
  assert.equal(await phone.page.$eval('#code', (input) => input.disabled), true);
  await phone.screenshot('8-closed');
  const response = await phone.page.goto(device.url);
  assert.equal(response.status(), 403);
  assert.match(await phone.page.$eval('body', (body) => body.innerText), /configuration mode is closed/);
});

test('a second client is told to wait while the first is open', async () => {
  device = await Device.start();
  const first = await device.openConnection();
  phone = await Phone.open(browser, device.url);
  assert.equal(phone.response.status(), 503);
  assert.match(
    await phone.page.$eval('body', (body) => body.innerText),
    /talking to another client[^]*load the page again/,
  );
  first.destroy();
  const again = await phone.page.reload();
  assert.equal(again.status(), 200);
  const second = await device.openConnection();
  assert.match(await phone.connect(CODE), /The device is busy/);
  second.destroy();
  assert.doesNotMatch(await phone.connect(CODE), /./);
  assert.equal(await phone.isVisible('settings'), true);
});

test('a page on another phone does not stop this one', async () => {
  await start(SET_UP);
  const other = await Phone.open(browser, device.url);
  await phone.connect(CODE);
  assert.equal(await phone.text('has-name'), 'bed-12');
  await other.connect(CODE);
  assert.equal(await other.text('has-name'), 'bed-12');
  await phone.type('wifi-name', 'Other');
  await phone.type('wifi-password', 'password');
  assert.match(await phone.tap('send'), /has accepted/);
  await other.close();
});
