// SPDX-License-Identifier: Apache-2.0
// Which counters of the newest epoch were accepted. `check` changes nothing; `mark` follows a right tag.
import { sameEpoch, type Epoch } from './envelope.js';
import { Refusal } from './refusal.js';

export const WINDOW = 128;

export class Replay {
  #epoch: Epoch | undefined;
  #top = 0;
  #accepted = new Set<number>();

  /** Throws a Refusal: `stale_epoch`, `replay`. */
  check(epoch: Epoch, counter: number): void {
    if (epoch.number === 0) throw new Refusal('stale_epoch');
    if (this.#epoch === undefined || epoch.number > this.#epoch.number) return;
    if (!sameEpoch(epoch, this.#epoch)) throw new Refusal('stale_epoch');
    if (counter + WINDOW <= this.#top || this.#accepted.has(counter)) throw new Refusal('replay');
  }

  /** How many messages between the newest accepted one and this one have not come. */
  mark(epoch: Epoch, counter: number): number {
    if (this.#epoch === undefined || epoch.number > this.#epoch.number) {
      this.#epoch = epoch;
      this.#top = counter;
      this.#accepted = new Set([counter]);
      return 0;
    }
    const missed = Math.max(0, counter - this.#top - 1);
    this.#accepted.add(counter);
    this.#top = Math.max(this.#top, counter);
    for (const old of this.#accepted) if (old + WINDOW <= this.#top) this.#accepted.delete(old);
    return missed;
  }
}
