// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from './bytes.js';
import type { Credentials } from './credentials.js';
import { COUNTER_LIMIT, UPLINK, type Direction } from './envelope.js';
import { EpochKeys } from './keys.js';
import { Refusal } from './refusal.js';

/** Where the epochs of a key generation are kept. */
export interface EpochStore {
  /**
   * Promises the next epoch, above every one that was ever promised for `name`, after it is stored durably. Rejects if
   * that cannot be made sure of: then nothing is sealed.
   */
  raise(name: string): Promise<number>;
}

const EPOCH_MAX = 2 ** 32 - 1;

/** Seals under one epoch after another. One at a time for each key generation, or the broker takes one for stale. */
export class Sender {
  #keys: EpochKeys | undefined;
  #counter = COUNTER_LIMIT;
  #raising: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly credentials: Credentials,
    private readonly epochs: EpochStore,
    private readonly direction: Direction = UPLINK,
  ) {}

  /** Throws a Refusal: `bad_topic`, `too_long`, `epoch_not_stored`, `epoch_exhausted`, `closed`. */
  async seal(topic: string, plaintext: Bytes): Promise<Bytes> {
    while (!this.#closed && (this.#keys === undefined || this.#counter >= COUNTER_LIMIT)) {
      await (this.#raising ??= this.#raise().finally(() => (this.#raising = undefined)));
    }
    if (this.#closed || this.#keys === undefined) {
      this.close();
      throw new Refusal('closed');
    }
    this.#keys.check(topic, plaintext);
    // Nothing waits between the look at the counter and its increment.
    return this.#keys.seal(this.#counter++, topic, plaintext);
  }

  /** Wipes what can be wiped. */
  close(): void {
    this.#closed = true;
    this.#keys?.wipe();
    this.#keys = undefined;
  }

  async #raise(): Promise<void> {
    const number = await this.epochs.raise(this.credentials.name).catch((error: unknown) => {
      throw error instanceof Refusal ? error : new Refusal('epoch_not_stored', String(error));
    });
    if (!Number.isInteger(number) || number < 1) throw new Refusal('epoch_not_stored');
    if (number > EPOCH_MAX) throw new Refusal('epoch_exhausted');
    const salt = crypto.getRandomValues(new Uint8Array(4));
    const keys = await EpochKeys.derive(this.credentials, this.direction, { number, salt });
    this.#keys?.wipe();
    this.#keys = keys;
    this.#counter = 0;
  }
}
