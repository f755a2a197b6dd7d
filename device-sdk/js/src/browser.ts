// SPDX-License-Identifier: Apache-2.0
// Epochs in IndexedDB, and one sender at a time among the pages of an origin.
import { Refusal } from './refusal.js';
import type { EpochStore } from './sender.js';

const DATABASE = 'reseal';
const STORE = 'epochs';

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Refusal('epoch_not_stored', String(request.error)));
  });
}

/** One transaction reads and writes, so that two pages never get the same epoch. */
function increment(database: IDBDatabase, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
    const store = transaction.objectStore(STORE);
    const request = store.get(name);
    let epoch = 0;
    request.onsuccess = () => {
      epoch = Number(request.result ?? 0) + 1;
      store.put(epoch, name);
    };
    transaction.oncomplete = () => resolve(epoch);
    transaction.onabort = () => reject(new Refusal('epoch_not_stored', String(transaction.error)));
  });
}

/**
 * The broker takes the epoch of a second page for the newer one and refuses the first. So a key generation belongs to
 * one page, from its first epoch until it is closed: `in_use` for any other.
 */
export class BrowserEpochs implements EpochStore {
  readonly #owned = new Map<string, Promise<void>>();

  async raise(name: string): Promise<number> {
    await this.#owns(name);
    const database = await opened();
    try {
      return await increment(database, name);
    } finally {
      database.close();
    }
  }

  /** Whoever asks at the same time waits for the same lock. One that was not free may be later. */
  #owns(name: string): Promise<void> {
    const owned = this.#owned.get(name) ?? this.#own(name);
    this.#owned.set(name, owned);
    owned.catch(() => this.#owned.delete(name));
    return owned;
  }

  #own(name: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const held = (lock: Lock | null) => {
        if (lock === null) {
          reject(new Refusal('in_use'));
          return undefined;
        }
        resolve();
        return new Promise<never>(() => undefined); // held until the page is closed
      };
      navigator.locks.request(`reseal/${name}`, { ifAvailable: true }, held).catch(reject);
    });
  }
}
