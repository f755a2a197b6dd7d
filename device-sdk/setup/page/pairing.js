// SPDX-License-Identifier: Apache-2.0
// The pairing code as in reseal/pairing.h: 16 digits of Crockford's base32, then two check digits.

export const DIGITS = 18;
const CODE_DIGITS = 16;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

// In GF(32), modulo x^5 + x^2 + 1.
function multiply(a, b) {
  let product = 0;
  for (; b > 0; b >>= 1) {
    if (b & 1) product ^= a;
    a = (a << 1) ^ (a & 16 ? 0x25 : 0);
  }
  return product;
}

// Remainder of the digits, as a polynomial, divided by x^2 + 6x + 8.
function checkDigits(digits) {
  let [high, low] = [0, 0];
  for (const digit of digits) {
    const feedback = digit ^ high;
    [high, low] = [low ^ multiply(feedback, 6), multiply(feedback, 8)];
  }
  return [high, low];
}

// What of the text are digits, in upper case and with look-alikes replaced.
export function digitsOf(text) {
  const digits = text.toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0');
  return [...digits]
    .filter((c) => ALPHABET.includes(c))
    .slice(0, DIGITS)
    .join('');
}

// ABCD-EFGH-…
export function grouped(digits) {
  return digits.replace(/.{4}(?=.)/g, '$&-');
}

// The code's ten bytes; null if the check digits do not fit.
export function secretOf(text) {
  const values = [...digitsOf(text)].map((c) => ALPHABET.indexOf(c));
  const [high, low] = checkDigits(values.slice(0, CODE_DIGITS));
  if (values.length !== DIGITS || values[16] !== high || values[17] !== low) return null;
  const secret = new Uint8Array(10);
  for (let bit = 0; bit < CODE_DIGITS * 5; bit++) {
    const value = (values[Math.floor(bit / 5)] >> (4 - (bit % 5))) & 1;
    secret[bit >> 3] |= value << (7 - (bit & 7));
  }
  return secret;
}
