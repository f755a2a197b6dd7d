// SPDX-License-Identifier: Apache-2.0
import { bytesOf, Device, FIELD, fromHex } from './exchange.js';
import { certificateOf, credentialsOf, keyOf } from './files.js';
import { digitsOf, DIGITS, grouped, secretOf } from './pairing.js';

const $ = (id) => document.getElementById(id);

// Each field's input, by the number that the device gives when it refuses one.
const INPUTS = {
  1: 'wifi-name',
  2: 'wifi-password',
  3: 'broker',
  4: 'port',
  5: 'tls',
  6: 'credentials',
  7: 'ca',
  8: 'certificate',
  9: 'key',
};
const FILES = {
  credentials: { number: FIELD.credentials, read: (text) => credentialsOf(text).bytes },
  ca: { number: FIELD.ca, read: certificateOf },
  certificate: { number: FIELD.certificate, read: certificateOf },
  key: { number: FIELD.key, read: keyOf },
};
const USUAL_PORT = { true: '8883', false: '1883' };

let device;
let secret; // of the pairing code, once the device has accepted it
let shown; // what the device has

// Says something about an input; nothing: it is right.
function say(id, text, isGood = false) {
  $(id + '-said').textContent = text;
  $(id + '-said').classList.toggle('good', isGood);
  $(id).setAttribute('aria-invalid', String(text !== '' && !isGood));
}

function outcome(isGood, title, text) {
  const box = document.createElement('div');
  const strong = document.createElement('strong');
  box.className = `outcome ${isGood ? 'good' : 'bad'}`;
  strong.textContent = title;
  box.append(strong, text);
  $('outcome').replaceChildren(box);
  $('outcome').focus({ preventScroll: true });
  $('outcome').scrollIntoView({ block: 'center' });
}

const tries = (left) => (left === 1 ? 'One try is left' : `${left} tries are left`);

function lock() {
  say('code', '');
  for (const element of document.querySelectorAll('input, button')) element.disabled = true;
}

const TELL = {
  closed() {
    outcome(
      false,
      'Configuration mode is closed.',
      'The pairing code was wrong five times. Switch the device off and on again to open it.',
    );
    lock();
  },
  'wrong code'({ triesLeft }) {
    outcome(
      false,
      'The device does not accept this pairing code.',
      `Nothing was changed. Compare it with the printed one. ${tries(triesLeft)} until the device is switched off and on.`,
    );
    askForCode();
  },
  refused({ field, text }) {
    const said = text[0].toUpperCase() + text.slice(1) + '.';
    outcome(false, 'Nothing was changed: a value is wrong.', said);
    if (INPUTS[field]) {
      say(INPUTS[field], said);
      $(INPUTS[field]).focus();
    }
  },
  'not stored'() {
    outcome(
      false,
      'The device could not store the settings.',
      'It keeps the settings that it had. Try again; if this goes on, its memory is worn out.',
    );
  },
  'not proven'() {
    outcome(
      false,
      'This answer did not come from your device.',
      'It was not sealed with its pairing code. Stop here: check which network this phone is on, and load the page again.',
    );
  },
  busy({ text }) {
    outcome(false, 'The device is busy.', text);
  },
  failed({ text }) {
    outcome(false, 'The device did not accept the request.', text);
  },
  stale() {
    outcome(
      false,
      'Another phone is talking to the device.',
      'Nothing was changed. Close the page there, then try again.',
    );
  },
  shown(said) {
    $('outcome').replaceChildren();
    show(said.shown);
    fill();
    $('wifi-name').focus({ preventScroll: true });
  },
  taken(said) {
    show(said.shown);
    fill();
    const next = shown.principal
      ? `It now connects to “${shown.wifiName}”; this network ends.`
      : 'It still has no credentials, and cannot send without them.';
    outcome(true, 'Your device has accepted the settings.', `Its answer was sealed with the pairing code. ${next}`);
    $('settings').hidden = true;
    $('pairing').hidden = true;
  },
};

function askForCode() {
  secret = undefined;
  for (const id of ['has', 'settings']) $(id).hidden = true;
  say('code', '');
  $('pairing').hidden = false;
  $('code').focus({ preventScroll: true });
}

async function talk(button, ask) {
  button.disabled = true;
  $('outcome').replaceChildren();
  let said;
  try {
    said = await ask();
  } catch {
    outcome(
      false,
      'The device did not answer.',
      'Is this phone still on its Wi-Fi? Settings that you sent may or may not have been accepted: connect again to see.',
    );
    askForCode();
  }
  button.disabled = false;
  if (said) TELL[said.happened](said);
  return said;
}

function show(has) {
  shown = has;
  const files = [has.hasCa && 'CA certificate', has.hasCertificate && 'device certificate and key'].filter(Boolean);
  $('has-name').textContent = has.principal || 'no credentials yet';
  $('has-wifi').textContent = has.wifiName
    ? `${has.wifiName} ${has.hasPassword ? '(with a password)' : '(open)'}`
    : 'not set';
  $('has-broker').textContent = has.broker ? `${has.broker}, port ${has.port}` : 'not set';
  $('has-tls').textContent = `${has.tls ? 'on' : 'off'}; ${files.join(', ') || 'no certificates'}`;
  $('has').hidden = false;
}

// The form as the device is set; TLS is suggested to one that was never set up.
function fill() {
  const isNew = shown.port === 0;
  $('settings').reset();
  for (const id of Object.values(INPUTS)) say(id, '');
  $('wifi-name').value = shown.wifiName;
  $('wifi-open').checked = !isNew && !shown.hasPassword;
  $('broker').value = shown.broker;
  $('tls').checked = isNew || shown.tls;
  $('port').value = isNew ? USUAL_PORT.true : String(shown.port);
  const keeps = (has) => (has ? 'The device has one; choose a file to replace it.' : '');
  $('wifi-password-hint').textContent = shown.hasPassword
    ? 'Leave it empty to keep the stored one.'
    : '8 to 63 characters.';
  $('credentials-hint').textContent = shown.principal
    ? `The device has those of ${shown.principal}; choose a file to replace them.`
    : 'The file that ‘provision export ID --format json’ wrote.';
  $('ca-hint').textContent = keeps(shown.hasCa);
  $('certificate-hint').textContent = keeps(shown.hasCertificate);
  $('key-hint').textContent = keeps(shown.hasCertificate);
  $('settings').hidden = false;
  $('pairing').hidden = true;
  follow();
}

// What depends on other inputs.
function follow() {
  $('tls-files').hidden = !$('tls').checked;
  $('wifi-password').disabled = $('wifi-open').checked;
}

function passwordChange() {
  if ($('wifi-open').checked) return { [FIELD.wifiPassword]: [] };
  const password = $('wifi-password').value;
  if (password === '' && shown.hasPassword && $('wifi-name').value === shown.wifiName) return {};
  if (password === '') throw new Error('Type the network’s password, or switch on ‘Open, without password’.');
  return { [FIELD.wifiPassword]: bytesOf(password) };
}

function portChange() {
  const port = /^\d{1,5}$/.test($('port').value.trim()) ? Number($('port').value) : 0;
  return { [FIELD.port]: port > 65535 ? [0, 0] : [port >> 8, port & 255] };
}

async function fileChange(id) {
  const file = $(id).files[0];
  return file ? { [FILES[id].number]: FILES[id].read(await file.text()) } : {};
}

// Runs `work`; what it finds wrong is said about the input, and its result is null.
async function checked(id, work) {
  try {
    const change = await work();
    say(id, '');
    return change;
  } catch (error) {
    say(id, error.message);
    return null;
  }
}

// All that the device is told; null if something cannot be sent.
async function changes() {
  const parts = [
    {
      [FIELD.wifiName]: bytesOf($('wifi-name').value),
      [FIELD.broker]: bytesOf($('broker').value.trim()),
      [FIELD.tls]: [$('tls').checked ? 1 : 0],
    },
    portChange(),
    await checked('wifi-password', passwordChange),
  ];
  const files = $('tls').checked ? Object.keys(FILES) : ['credentials'];
  for (const id of files) parts.push(await checked(id, () => fileChange(id)));
  return parts.includes(null) ? null : Object.assign({}, ...parts);
}

function checkCode() {
  const text = $('code').value;
  const digits = digitsOf(text);
  if (/u/i.test(text)) return say('code', 'No pairing code has the letter U.');
  if (digits.length < DIGITS) return say('code', '');
  if (!secretOf(digits))
    return say('code', 'A character is wrong, or two are swapped: the check digits do not match.');
  return say('code', 'Complete, and the check digits match.', true);
}

// Groups the code while it is typed, and leaves the caret behind the same digit.
function typeCode() {
  const input = $('code');
  const isAtEnd = input.selectionStart === input.value.length;
  const before = digitsOf(input.value.slice(0, input.selectionStart));
  checkCode();
  input.value = grouped(digitsOf(input.value));
  const caret = isAtEnd ? input.value.length : grouped(before).length;
  input.setSelectionRange(caret, caret);
}

async function connect(event) {
  event.preventDefault();
  const typed = secretOf($('code').value);
  if (!typed) {
    say(
      'code',
      `The code has ${DIGITS} characters${digitsOf($('code').value).length < DIGITS ? '.' : ', and its check digits do not match.'}`,
    );
    $('code').focus();
    return;
  }
  secret = typed;
  await talk($('connect'), () => device.read(secret));
}

async function send(event) {
  event.preventDefault();
  for (const id of Object.values(INPUTS)) say(id, '');
  $('send').disabled = true;
  const all = await changes();
  $('send').disabled = false;
  if (!all) {
    document.querySelector('[aria-invalid=true]').focus();
    return;
  }
  await talk($('send'), () => device.write(secret, all));
}

function showPassword() {
  const isShown = $('wifi-password').type === 'password';
  $('wifi-password').type = isShown ? 'text' : 'password';
  $('show').textContent = isShown ? 'Hide' : 'Show';
  $('show').setAttribute('aria-pressed', String(isShown));
}

function switchTls() {
  if ($('port').value === USUAL_PORT[!$('tls').checked]) $('port').value = USUAL_PORT[$('tls').checked];
  follow();
}

addEventListener('DOMContentLoaded', () => {
  device = new Device(fromHex($('device').value));
  const left = Number($('device').dataset.tries);
  if (left < 5) say('code', `${tries(left)}.`);
  $('code').addEventListener('input', typeCode);
  $('pairing').addEventListener('submit', connect);
  $('settings').addEventListener('submit', send);
  $('show').addEventListener('click', showPassword);
  $('tls').addEventListener('change', switchTls);
  $('wifi-open').addEventListener('change', follow);
  for (const id of Object.keys(FILES)) $(id).addEventListener('change', () => checked(id, () => fileChange(id)));
});
