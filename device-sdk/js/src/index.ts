// SPDX-License-Identifier: Apache-2.0
export { Ack } from './ack.js';
export { BrowserEpochs } from './browser.js';
export { BrokerAway, Client, connect, NotAuthorized, NotTheBroker, Told, type Message, type Options } from './client.js';
export { Credentials, NoWebCrypto } from './credentials.js';
export { DOWNLINK, parse, UPLINK, type Direction, type Envelope, type Epoch } from './envelope.js';
export { EpochKeys } from './keys.js';
export { Receiver, type Opened } from './receiver.js';
export { Refusal, type Reason } from './refusal.js';
export { Sender, type EpochStore } from './sender.js';
