// SPDX-License-Identifier: Apache-2.0
// The broker's sealed acknowledgement (docs/protocol.md, "Sealed acknowledgement").
import { number } from './bytes.js';
import { parse, sameEpoch, type Epoch } from './envelope.js';
import { Refusal } from './refusal.js';

const SIZE = 29;

/** What the broker has accepted of one sender. */
export class Ack {
  private constructor(
    readonly epoch: Epoch,
    /** The highest accepted counter. */
    readonly counter: number,
    private readonly window: Uint8Array,
  ) {}

  /** Of the payload of a message under `$reseal/PRINCIPAL/ack`. Throws a Refusal `malformed`. */
  static read(record: Uint8Array): Ack {
    if (record.length !== SIZE || record[0] !== 1) throw new Refusal('malformed');
    const epoch = { number: number(record.subarray(1, 5)), salt: new Uint8Array(record.subarray(5, 9)) };
    return new Ack(epoch, number(record.subarray(9, 13)), record.slice(13));
  }

  /** Whether the broker says that it has accepted `message`, which a Sender sealed. */
  names(message: Uint8Array): boolean {
    const { epoch, counter } = parse(message);
    if (!sameEpoch(epoch, this.epoch) || counter > this.counter) return false;
    const bit = this.counter - counter - 1;
    return bit < 0 || ((((this.window[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1);
  }
}
