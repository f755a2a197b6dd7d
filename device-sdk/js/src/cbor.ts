// SPDX-License-Identifier: Apache-2.0
// The little of CBOR (RFC 8949) that the protocol writes, in its shortest form.
import { bigEndian, concat, type Bytes } from './bytes.js';

export enum Major {
  uint = 0,
  bytes = 2,
  text = 3,
  array = 4,
  map = 5,
  tag = 6,
}

/** `value` is below 2^32. */
export function head(major: Major, value: number): Bytes {
  const top = major << 5;
  if (value < 24) return concat(top | value);
  if (value < 0x100) return concat(top | 24, value);
  if (value < 0x10000) return concat(top | 25, bigEndian(value, 2));
  return concat(top | 26, bigEndian(value, 4));
}

export function string(major: Major.bytes | Major.text, content: Uint8Array): Bytes {
  return concat(head(major, content.length), content);
}
