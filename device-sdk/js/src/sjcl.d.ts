// SPDX-License-Identifier: Apache-2.0
// What is used of sjcl, which has no types of its own.
declare module 'sjcl' {
  type Bits = number[];
  class Aes {
    constructor(key: Bits);
  }
  interface Ccm {
    encrypt(cipher: Aes, plaintext: Bits, nonce: Bits, additional: Bits, tagBits: number): Bits;
    decrypt(cipher: Aes, sealed: Bits, nonce: Bits, additional: Bits, tagBits: number): Bits;
  }
  const sjcl: {
    cipher: { aes: typeof Aes };
    mode: { ccm: Ccm };
    codec: { hex: { toBits(hex: string): Bits; fromBits(bits: Bits): string } };
    exception: { corrupt: new () => Error };
  };
  export default sjcl;
}
