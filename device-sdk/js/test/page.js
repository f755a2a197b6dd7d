// SPDX-License-Identifier: Apache-2.0
// What browser_test.js calls in the page.
import { BrowserEpochs, Refusal } from '../dist/index.js';
import { check } from './vectors.js';

const epochs = new BrowserEpochs();

Object.assign(globalThis, {
  check,
  async raise(name) {
    try {
      return await epochs.raise(name);
    } catch (error) {
      if (error instanceof Refusal) return error.reason;
      throw error;
    }
  },
});
