// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BrokerAway, connect, Credentials, parse, Receiver, Sender, UPLINK } from '../dist/index.js';
import { FileEpochs } from '../dist/node.js';

const folder = mkdtempSync(join(tmpdir(), 'reseal-js-'));
after(() => rmSync(folder, { recursive: true }));

const json = {
  format: 'reseal-credentials/2',
  principal: 'nurse_07',
  realm: 'ward-7',
  algorithm: 30,
  key_id: '01020304050607',
  master_secret: '00'.repeat(32),
};
const text = new TextEncoder().encode('72');

test('an epoch is never handed out twice, whoever asks at the same time', async () => {
  const path = join(folder, 'many');
  const all = await Promise.all(Array.from({ length: 6 }, () => new FileEpochs(path).raise('ward-7/01')));
  assert.equal(new Set(all).size, 6);
  assert.ok((await new FileEpochs(path).raise('ward-7/01')) > Math.max(...all));
  assert.equal(readdirSync(folder).filter((name) => name.startsWith('many')).length, 1);
});

test('a sender seals nothing where its epoch cannot be stored', async () => {
  const sender = new Sender(await Credentials.read(json), new FileEpochs(join(folder, 'missing', 'epoch')));
  await assert.rejects(sender.seal('a', text), { reason: 'epoch_not_stored' });
});

test('messages sealed at the same time have counters of their own', async () => {
  const sender = new Sender(await Credentials.read(json), new FileEpochs(join(folder, 'own')));
  const sealed = await Promise.all(Array.from({ length: 20 }, () => sender.seal('a', text)));
  assert.deepEqual(new Set(sealed.map((one) => parse(one).counter)).size, 20);
});

test('a receiver says how many messages are missing', async () => {
  const credentials = await Credentials.read(json);
  const sender = new Sender(credentials, new FileEpochs(join(folder, 'gap')));
  const sealed = [];
  for (let i = 0; i < 5; i++) sealed.push(await sender.seal('a', text));
  const receiver = new Receiver(credentials, UPLINK);
  assert.equal((await receiver.open('a', sealed[0])).missed, 0);
  assert.equal((await receiver.open('a', sealed[4])).missed, 3);
  assert.equal((await receiver.open('a', sealed[2])).missed, 0);
});

test('wrong credentials are named by field, and never quoted', async () => {
  const secret = 'ab'.repeat(31) + 'zz';
  await assert.rejects(Credentials.read({ ...json, master_secret: secret }), (error) => {
    return error.reason === 'bad_credentials' && /master_secret/.test(error.message) && !error.message.includes(secret);
  });
});

test('the master secret cannot be exported', async () => {
  const { master } = await Credentials.read(json);
  await assert.rejects(crypto.subtle.exportKey('raw', master));
});

test('a broker that is not there is an error of its own', async () => {
  const options = { epochs: new FileEpochs(join(folder, 'away')), listener: 'sealed', reconnectAfter: 0 };
  const attempt = connect('mqtt://127.0.0.1:1', await Credentials.read(json), options);
  await assert.rejects(attempt, (error) => error instanceof BrokerAway);
});
