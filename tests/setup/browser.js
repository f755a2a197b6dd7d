// SPDX-License-Identifier: Apache-2.0
// Headless Chromium at a phone's size, and the page as a person uses it.
import { mkdirSync } from 'node:fs';
import { launch } from 'puppeteer-core';

const SCREENSHOTS = process.env.RESEAL_SCREENSHOTS;

export function startBrowser() {
  return launch({
    executablePath: process.env.RESEAL_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
}

export class Phone {
  static async open(browser, url) {
    const phone = new Phone();
    phone.context = await browser.createBrowserContext();
    phone.page = await phone.context.newPage();
    phone.complaints = [];
    phone.requests = [];
    phone.page.on('console', (message) => phone.complaints.push(message.text()));
    phone.page.on('pageerror', (error) => phone.complaints.push(error.message));
    phone.page.on('request', (request) => phone.requests.push(request.url()));
    await phone.page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
    phone.response = await phone.page.goto(url);
    return phone;
  }

  close() {
    return this.context.close();
  }

  async type(id, text) {
    await this.page.$eval('#' + id, (input) => {
      input.value = '';
    });
    await this.page.type('#' + id, text);
  }

  // Taps a button, and waits for what the page says then.
  async tap(id) {
    await this.page.$eval('#outcome', (box) => box.replaceChildren());
    await this.page.click('#' + id);
    await this.page.waitForFunction(
      (button) => !document.getElementById(button).disabled || document.getElementById('code').disabled,
      {},
      id,
    );
    return this.outcome();
  }

  async connect(code) {
    await this.type('code', code);
    return this.tap('connect');
  }

  async choose(id, path) {
    const input = await this.page.$('#' + id);
    await input.uploadFile(path);
  }

  text(id) {
    return this.page.$eval('#' + id, (element) => element.innerText);
  }

  value(id) {
    return this.page.$eval('#' + id, (element) => element.value);
  }

  isVisible(id) {
    return this.page.$eval('#' + id, (element) => element.checkVisibility());
  }

  outcome() {
    return this.text('outcome');
  }

  async screenshot(name) {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
  }
}
