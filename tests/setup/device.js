// SPDX-License-Identifier: Apache-2.0
// A device in configuration mode: the program setup_device, and the byte form of its settings.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

export const CODE = '7K3M-Q8ZT-0WYB-C4DX-B9';
export const WRONG_CODE = '0000-0000-0000-0001-68';

const FIELDS = ['wifiName', 'wifiPassword', 'broker', 'port', 'tls', 'credentials', 'ca', 'certificate', 'key'];

// Settings to bytes and back, as in docs/setup-mode.md; values are Buffers.
export function encode(settings) {
  const fields = FIELDS.map((name, i) => {
    const value = settings[name] ?? Buffer.alloc(0);
    return Buffer.concat([Buffer.from([i + 1, value.length >> 8, value.length & 255]), value]);
  });
  return Buffer.concat([Buffer.from([2]), ...fields]);
}

export function decode(form) {
  const settings = {};
  for (let at = 1; at < form.length;) {
    const size = form.readUInt16BE(at + 1);
    settings[FIELDS[form[at] - 1]] = form.subarray(at + 3, at + 3 + size);
    at += 3 + size;
  }
  return settings;
}

export class Device {
  // Starts one that has `settings`, or was never set up.
  static async start(settings) {
    const device = new Device();
    const options = settings ? [encode(settings).toString('hex')] : [];
    device.process = spawn(process.env.RESEAL_SETUP_DEVICE, [CODE, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
    device.ended = once(device.process, 'exit');
    device.lines = createInterface(device.process.stdout)[Symbol.asyncIterator]();
    device.port = Number((await device.line()).replace('port ', ''));
    device.url = `http://127.0.0.1:${device.port}/`;
    return device;
  }

  async line() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the device has ended');
    return value;
  }

  // The settings that were stored, once they are.
  async stored() {
    return decode(Buffer.from((await this.line()).replace('stored ', ''), 'hex'));
  }

  // A connection that has begun a request, and does not end it.
  async openConnection() {
    const socket = connect(this.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\n');
    return socket;
  }

  async end() {
    this.process.stdin.end();
    await this.ended;
  }
}
