// SPDX-License-Identifier: Apache-2.0
// Why a message was refused or a call could not be carried out; the names are those of reseal/status.h.

const sentences = {
  malformed: 'this is not a sealed message, or is one of another version',
  unknown_key: 'the message is sealed under a key that these credentials do not have',
  wrong_direction: 'the message goes the other way: somebody may have reflected it',
  wrong_algorithm: 'the message is sealed with another algorithm than the key allows',
  stale_epoch: 'the message belongs to an epoch that is over',
  counter_limit: 'the counter of the message is 2^20 or more',
  replay: 'the message was accepted before, or is older than the replay window',
  bad_tag: 'the message was changed, moved to another topic, or sealed under another key',
  too_long: 'the payload is longer than the algorithm allows',
  bad_topic: 'the topic is empty, longer than 65,535 bytes, or has a "+", a "#" or a NUL in it',
  epoch_not_stored: 'the next epoch could not be stored durably, so nothing may be sealed',
  epoch_exhausted: 'the last epoch is used up: the principal needs a new key',
  bad_credentials: 'the credentials are not what "reseal-provision export ID --format json" writes',
  closed: 'this was closed before',
  in_use: 'another page or process seals with these credentials',
} as const;

export type Reason = keyof typeof sentences;

/** A refused message or call. Nothing was sealed or opened, and no state has changed. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly reason: Reason,
    detail?: string,
  ) {
    super(detail === undefined ? sentences[reason] : `${sentences[reason]}: ${detail}`);
  }
}
