// SPDX-License-Identifier: Apache-2.0
// Epochs as files, for Node.js.
import { webcrypto } from 'node:crypto';
import { open, readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { EpochStore } from './sender.js';

// Node.js 18 has WebCrypto, but not where browsers have it.
globalThis.crypto ??= webcrypto as Crypto;

// One claim at a time in this process; who loses to another process waits a little, or both could lose for ever.
let last: Promise<unknown> = Promise.resolve();
const aLittle = () => new Promise((resolve) => setTimeout(resolve, 50 * Math.random()));

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

/**
 * Each epoch is claimed by a file `PATH.NAME.EPOCH` that must be new, so that no two processes get the same one. The
 * file of the highest epoch is never removed: a claim counts only if none is above it.
 */
export class FileEpochs implements EpochStore {
  constructor(private readonly path: string) {}

  raise(name: string): Promise<number> {
    const raised = last.then(() => this.#raise(name));
    last = raised.catch(() => undefined);
    return raised;
  }

  async #raise(name: string): Promise<number> {
    const stem = `${basename(this.path)}.${name.replace('/', '.')}.`;
    const folder = dirname(this.path);
    for (;; await aLittle()) {
      const epoch = Math.max(0, ...(await this.#claimed(folder, stem))) + 1;
      if (!(await this.#claim(join(folder, stem + epoch)))) continue;
      await syncFolder(folder);
      const claimed = await this.#claimed(folder, stem);
      if (Math.max(...claimed) !== epoch) continue;
      const old = claimed.filter((one) => one < epoch);
      await Promise.all(old.map((one) => unlink(join(folder, stem + one)).catch(() => undefined)));
      return epoch;
    }
  }

  async #claimed(folder: string, stem: string): Promise<number[]> {
    const names = (await readdir(folder)).filter((name) => name.startsWith(stem));
    return names.map((name) => Number(name.slice(stem.length))).filter(Number.isSafeInteger);
  }

  async #claim(file: string): Promise<boolean> {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.sync().finally(() => handle.close());
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }
}
