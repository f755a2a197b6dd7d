// SPDX-License-Identifier: Apache-2.0
import { same, type Bytes } from './bytes.js';
import type { Credentials } from './credentials.js';
import { DOWNLINK, parse, sameEpoch, type Direction, type Envelope } from './envelope.js';
import { EpochKeys } from './keys.js';
import { Refusal } from './refusal.js';
import { Replay } from './replay.js';

export interface Opened {
  payload: Bytes;
  /** How many messages before this one did not come: a gap in the counters. */
  missed: number;
}

/** Opens each message once. Its replay window is in memory. */
export class Receiver {
  #replay = new Replay();
  #keys: EpochKeys | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly credentials: Credentials,
    private readonly direction: Direction = DOWNLINK,
  ) {}

  /** One message after the other, in the order of the calls. Throws a Refusal with any reason of a message. */
  open(topic: string, message: Uint8Array): Promise<Opened> {
    const opened = this.#last.then(() => this.#open(topic, message));
    this.#last = opened.catch(() => undefined);
    return opened;
  }

  async #open(topic: string, message: Uint8Array): Promise<Opened> {
    const envelope = parse(message);
    this.#check(envelope);
    const cached = this.#keys !== undefined && sameEpoch(this.#keys.header.epoch, envelope.epoch);
    const keys =
      cached && this.#keys ? this.#keys : await EpochKeys.derive(this.credentials, this.direction, envelope.epoch);
    const payload = await keys.open(envelope, topic);
    if (!cached) this.#keys?.wipe();
    this.#keys = keys;
    return { payload, missed: this.#replay.mark(envelope.epoch, envelope.counter) };
  }

  #check(envelope: Envelope): void {
    if (!same(envelope.keyId, this.credentials.keyId)) throw new Refusal('unknown_key');
    if (envelope.direction !== this.direction) throw new Refusal('wrong_direction');
    if (envelope.algorithm !== this.credentials.algorithm) throw new Refusal('wrong_algorithm');
    this.#replay.check(envelope.epoch, envelope.counter);
  }
}
