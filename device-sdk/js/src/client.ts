// SPDX-License-Identifier: Apache-2.0
// A connection on mqtt.js whose messages are sealed and opened here.
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { base64url, utf8, type Bytes } from './bytes.js';
import type { Credentials } from './credentials.js';
import { Receiver } from './receiver.js';
import { Refusal } from './refusal.js';
import { Sender, type EpochStore } from './sender.js';

/** The broker cannot be reached. */
export class BrokerAway extends Error {
  override readonly name = 'BrokerAway';
}

/** The broker refused the CONNECT: wrong or revoked credentials, or a proof that came twice. It does not say which. */
export class NotAuthorized extends Error {
  override readonly name = 'NotAuthorized';
}

export interface Options {
  epochs: EpochStore;
  /** The kind of listener that a sealed CONNECT is for; without it, a client certificate in `mqtt` says who connects. */
  listener?: 'sealed' | 'loopback' | 'psk' | 'tls';
  /** Milliseconds from a lost connection to the next attempt; 0 for none. 1000 unless given. */
  reconnectAfter?: number;
  /** Options of mqtt.js: client id, certificates, keepalive. The client id is the principal unless given. */
  mqtt?: IClientOptions;
}

export interface Message {
  topic: string;
  payload: Bytes;
  qos: 0 | 1 | 2;
}

/** An event with what it is about. Node.js 18 has no CustomEvent. */
export class Told<Detail> extends Event {
  constructor(
    type: string,
    readonly detail: Detail,
  ) {
    super(type);
  }
}

/** What answers cannot prove that it is the broker. If its certificate is of another time, a clock may be wrong. */
export class NotTheBroker extends Error {
  override readonly name = 'NotTheBroker';
}

const refusedCodes = new Set([2, 4, 5, 0x85, 0x86, 0x87]);

// Codes of Node.js. A browser does not tell why a connection failed.
const ofCertificates = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)/;
const ofDates = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/;

function explain(error: Error, url: string): Error {
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'number' && refusedCodes.has(code)) {
    return new NotAuthorized('the broker refuses these credentials: they are wrong, or the key was revoked');
  }
  if (typeof code === 'string' && ofCertificates.test(code)) {
    const clock = ofDates.test(code) ? '; is the clock of this machine right?' : '';
    return new NotTheBroker(`what answers at ${url} is not our broker: ${error.message}${clock}`);
  }
  return new BrokerAway(`there is no broker at ${url}: ${error.message}`);
}

/**
 * Events: `missed` (detail: how many messages did not come), `refused` (detail: the Refusal of an arrived message),
 * `connected`, `lost`, and `failed` (detail: the error of a further attempt to connect). Iterating yields messages in
 * their order; what nobody iterates over is kept in memory.
 */
export class Client extends EventTarget implements AsyncIterable<Message> {
  readonly #receiver: Receiver;
  readonly #sender: Sender;
  readonly #filters = new Map<string, 0 | 1 | 2>();
  #arrived: Message[] = [];
  #wake: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  private constructor(
    private readonly mqtt: MqttClient,
    private readonly url: string,
    private readonly credentials: Credentials,
    private readonly options: Options,
  ) {
    super();
    this.#receiver = new Receiver(credentials);
    this.#sender = new Sender(credentials, options.epochs);
    mqtt.handleMessage = (packet, done) => void this.#receive(packet).finally(() => done());
    mqtt.on('connect', () => this.dispatchEvent(new Event('connected')));
    mqtt.on('close', () => this.#lost());
    // Each attempt has a listener of its own; an error between two has its `close`.
    mqtt.on('error', () => undefined);
  }

  /** @internal Use `connect`. */
  static async open(url: string, credentials: Credentials, options: Options): Promise<Client> {
    const defaults = { clientId: credentials.principal, username: credentials.principal };
    const settings = { ...defaults, ...options.mqtt, resubscribe: false, reconnectPeriod: 0, manualConnect: true };
    const client = new Client(mqtt.connect(url, settings), url, credentials, options);
    try {
      await client.#attempt((connection) => connection.connect());
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }

  /** Seals `payload` and hands it to the broker; settled as mqtt.js's publishAsync. Throws a Refusal of Sender.seal. */
  async publish(topic: string, payload: string | Uint8Array, qos: 0 | 1 | 2 = 1): Promise<void> {
    const plaintext = typeof payload === 'string' ? utf8(payload) : new Uint8Array(payload);
    const sealed = await this.#sender.seal(topic, plaintext);
    await this.mqtt.publishAsync(topic, sealed as Buffer, { qos });
  }

  /** Lasts over reconnects. Throws a NotAuthorized if the broker refuses the filter. */
  async subscribe(filter: string, qos: 0 | 1 | 2 = 1): Promise<void> {
    await this.#subscribe(filter, qos);
    this.#filters.set(filter, qos);
  }

  async #subscribe(filter: string, qos: 0 | 1 | 2): Promise<void> {
    const granted = await this.mqtt.subscribeAsync(filter, { qos });
    if (granted.some((grant) => Number(grant.qos) >= 128)) {
      throw new NotAuthorized(`the broker does not let ${this.credentials.principal} subscribe to ${filter}`);
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Message> {
    for (;;) {
      for (let next = this.#arrived.shift(); next !== undefined; next = this.#arrived.shift()) yield next;
      if (this.#closed) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Ends the connection and the iteration. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#wake?.();
    this.#sender.close();
    await this.mqtt.endAsync(!this.mqtt.connected);
  }

  async #receive(packet: IPublishPacket): Promise<void> {
    try {
      const { payload, missed } = await this.#receiver.open(packet.topic, packet.payload as Uint8Array);
      if (missed > 0) this.dispatchEvent(new Told('missed', missed));
      this.#arrived.push({ topic: packet.topic, payload, qos: packet.qos });
      this.#wake?.();
    } catch (error) {
      this.dispatchEvent(new Told('refused', error));
    }
  }

  /** Each attempt needs a proof of its own: the broker takes one only once. */
  async #attempt(start: (connection: MqttClient) => void): Promise<void> {
    if (this.options.listener !== undefined) {
      const topic = `$connect/${this.options.listener}/${this.mqtt.options.clientId}`;
      this.mqtt.options.password = base64url(await this.#sender.seal(topic, new Uint8Array()));
    }
    await new Promise<void>((resolve, reject) => {
      const connected = () => end(resolve);
      const failed = (error: Error) => end(() => reject(explain(error, this.url)));
      const closed = () => failed(new Error('it closed the connection'));
      const end = (settle: () => void) => {
        this.mqtt.off('connect', connected).off('error', failed).off('close', closed);
        settle();
      };
      this.mqtt.on('connect', connected).on('error', failed).on('close', closed);
      start(this.mqtt);
    });
  }

  #lost(): void {
    if (this.#closed) return;
    this.dispatchEvent(new Event('lost'));
    const wait = this.options.reconnectAfter ?? 1000;
    if (wait === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#again(), wait);
  }

  async #again(): Promise<void> {
    try {
      await this.#attempt((connection) => connection.reconnect());
      for (const [filter, qos] of this.#filters) await this.#subscribe(filter, qos);
    } catch (error) {
      this.dispatchEvent(new Told('failed', error));
      // A Refusal is an end: nothing may be sealed, so no proof either.
      if (error instanceof Refusal) await this.close();
    }
  }
}

/** Promises a connected Client. Throws a BrokerAway, a NotAuthorized, or a Refusal of Sender.seal. */
export function connect(url: string, credentials: Credentials, options: Options): Promise<Client> {
  return Client.open(url, credentials, options);
}
