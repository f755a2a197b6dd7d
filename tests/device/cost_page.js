// SPDX-License-Identifier: Apache-2.0
// The tables and the plot of docs/device-cost.md, from docs/device-cost.json, which has what was measured.
//   cost_page.js check MACHINE=LOG...   fails if a log differs from the figures by more than 3 %, or the page from them
//   cost_page.js write MACHINE=LOG...   takes the logs' figures over, and writes the page
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const energy = require('./energy');

const docs = path.join(__dirname, '../../docs');
const files = { figures: path.join(docs, 'device-cost.json'), page: path.join(docs, 'device-cost.md'),
    plot: path.join(docs, 'device-cost.svg') };
const tolerance = 0.03; // another release of compiler or library

// MQTT packets: CONNECT with a client id of five characters, and with user name and sealed password; CONNACK; PUBLISH at
// QoS 1 with a topic of 23 bytes; PUBACK.
const connectClear = 19;
const connectSealed = 19 + 2 + 5 + 2 + 75;
const connack = 4;
const publish = (payload) => 2 + (payload > 98 ? 1 : 0) + 2 + 23 + 2 + payload;
const puback = 4;
const reading = 64;
const overhead = 56; // RESEAL_OVERHEAD_MAX
const ackText = 29; // of a sealed acknowledgement
const record = 21; // what TLS 1.2 adds with ChaCha20/Poly1305

// How a device connects. `tls`: the handshake's name in the figures. `broker`: its name among the bytes of the real broker.
const ways = [
    { name: 'plain MQTT', proves: 'nobody' },
    { name: 'sealed CONNECT', sealed: true, proves: 'the device; each payload' },
    { name: 'TLS-PSK', tls: 'psk', broker: 'psk', sealed: true, proves: 'both' },
    { name: 'TLS-PSK, by ticket', tls: 'psk_ticket', broker: 'psk_ticket', sealed: true, proves: 'both' },
    { name: 'ECDHE-PSK', tls: 'ecdhe_psk', sealed: true, proves: 'both' },
    { name: 'certificates, by ticket', tls: 'ticket', broker: 'ticket', sealed: true, proves: 'both' },
    { name: 'certificates, by session id', tls: 'session_id', sealed: true, proves: 'both' },
    { name: "server's certificate", tls: 'server_certificate', sealed: true, proves: 'both' },
    { name: 'certificates', tls: 'certificates', broker: 'certificates', sealed: true, proves: 'both' },
];

const used = new Set(); // names of figures

const figureOf = (figures, machine, name) => {
    used.add(name);
    const value = figures[machine][name];
    if (value === undefined) {
        throw new Error(`${machine} has no figure ${name}`);
    }
    return value;
};

// What one connect takes: up to CONNACK.
function connectOf(figures, way, processor) {
    const get = (name) => figureOf(figures, processor.machine, name);
    const handshake = way.tls ? get(`${way.tls}_instructions`) : 0;
    const [up, down] = !way.tls ? [0, 0]
        : way.broker ? figures.broker[way.broker] : [get(`${way.tls}_bytes_up`), get(`${way.tls}_bytes_down`)];
    const added = way.tls ? record : 0;
    const sent = [0, up, (way.sealed ? connectSealed : connectClear) + added, 0];
    const received = [0, down, connack + added];
    const instructions = handshake + (way.sealed ? get('login') : 0);
    const roundTrips = 2 + (way.tls ? get(`${way.tls}_round_trips`) : 0);
    const waits = roundTrips * energy.network.roundTripSeconds;
    return { instructions, roundTrips, bytes: energy.segments(sent).bytes + energy.segments(received).bytes,
        heap: way.tls ? get(`${way.tls}_heap`) : 0, stack: way.tls ? get(`${way.tls}_stack`) : get('stack_login'),
        seconds: energy.secondsOf(instructions, processor) + waits,
        joules: energy.processorJoules(instructions, processor) +
            energy.airJoules(energy.segments(sent), energy.segments(received)) + energy.listenJoules(waits) };
}

// Without TLS, the broker's acknowledgement is a sealed message of its own.
function messageOf(figures, { sealed, tls }, processor) {
    const get = (name) => figureOf(figures, processor.machine, name);
    const packet = publish(sealed ? reading + overhead : reading);
    const sent = [packet + (tls ? record : 0), 0];
    const received = [puback + (tls ? record : 0)];
    let instructions = sealed ? get('seal_64') : 0;
    if (tls) {
        instructions += get(sealed ? 'record_of_sealed_reading_instructions' : 'record_of_reading_instructions') +
            get('record_of_puback_instructions');
    } else if (sealed) {
        instructions += get('receive_64');
        received.push(publish(ackText + overhead));
        sent.push(puback);
    }
    const [up, down] = [energy.segments(sent), energy.segments(received)];
    return { instructions, bytes: up.bytes + down.bytes, air: energy.airJoules(up, down) };
}

// First connection, reconnects, messages. `again`: how it reconnects.
const days = [
    { name: 'plain MQTT', first: 'plain MQTT', again: 'plain MQTT' },
    { name: 'sealed, without TLS', first: 'sealed CONNECT', again: 'sealed CONNECT', sealed: true },
    { name: 'sealed, in TLS-PSK, tickets', first: 'TLS-PSK', again: 'TLS-PSK, by ticket', sealed: true, tls: true },
    { name: 'not sealed, in TLS with certificates, tickets', first: 'certificates', again: 'certificates, by ticket', tls: true },
    { name: 'sealed, in TLS with certificates, tickets', first: 'certificates', again: 'certificates, by ticket', sealed: true, tls: true },
    { name: 'sealed, in TLS with certificates, no tickets', first: 'certificates', again: 'certificates', sealed: true, tls: true },
];

function dayOf(figures, day, processor, { everySeconds, reconnects }) {
    const messages = 86400 / everySeconds;
    const wayOf = (name) => connectOf(figures, ways.find((way) => way.name === name), processor);
    const [first, again, message] = [wayOf(day.first), wayOf(day.again), messageOf(figures, day, processor)];
    const total = (name) => first[name] + reconnects * again[name] + messages * (message[name] ?? 0);
    return { instructions: total('instructions'), bytes: total('bytes'),
        joules: first.joules + reconnects * again.joules +
            messages * (energy.processorJoules(message.instructions, processor) + message.air) };
}

const grouped = (value) => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',');
const short = (value) => (value >= 100 ? grouped(value) : Number(value.toPrecision(2)).toString());
const line = (cells) => `| ${cells.join(' | ')} |`;
const table = (heads, rows) => [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');

function connects(figures) {
    const [small, large] = Object.values(energy.processors);
    return table(['', 'proves', 'instructions, M0+', 'M33', 'heap', 'stack', 'round trips', 'bytes on the air', 'ms, RP2040', 'ms, RP2350', 'mJ, RP2040'],
        ways.map((way) => {
            const [m0, m33] = [connectOf(figures, way, small), connectOf(figures, way, large)];
            return [way.name, way.proves, grouped(m0.instructions), grouped(m33.instructions), grouped(m0.heap),
                way.tls || way.sealed ? grouped(m0.stack) : '', m0.roundTrips, grouped(m0.bytes), grouped(m0.seconds * 1e3),
                grouped(m33.seconds * 1e3), short(m0.joules * 1e3)];
        }));
}

const scenarios = [{ everySeconds: 1, reconnects: 10 }, { everySeconds: 60, reconnects: 10 }, { everySeconds: 60, reconnects: 1440 }];

function daysTable(figures) {
    const small = energy.processors.rp2040;
    const heads = scenarios.flatMap(({ everySeconds, reconnects }) =>
        [`every ${everySeconds} s, ${grouped(reconnects)} reconnects: million instructions`, 'MB', 'J']);
    return table(['', ...heads], days.map((day) => [day.name, ...scenarios.flatMap((scenario) => {
        const of = dayOf(figures, day, small, scenario);
        return [short(of.instructions / 1e6), short(of.bytes / 1e6), short(of.joules)];
    })]));
}

// Bars on a logarithmic scale.
function plot(figures) {
    const [left, width, row, low, high] = [230, 440, 30, 3, 9];
    const at = (value) => (value <= 0 ? 0 : Math.max(0, (Math.log10(value) - low) / (high - low)) * width).toFixed(1);
    const height = ways.length * row + 90;
    const colours = { microbit: '#0072b2', 'mps2-an505': '#e69f00' };
    const text = (x, y, what, more = '') => `<text x="${x}" y="${y}"${more}>${what}</text>`;
    const bars = ways.flatMap((way, index) => {
        const y = 60 + index * row;
        return [text(left - 8, y + 15, way.name, ' text-anchor="end"'),
            ...Object.values(energy.processors).map((processor, which) => {
                const { instructions } = connectOf(figures, way, processor);
                return `<rect x="${left}" y="${y + which * 11}" width="${at(instructions)}" height="10" fill="${colours[processor.machine]}"/>`;
            })];
    });
    const grid = Array.from({ length: high - low + 1 }, (_, index) => {
        const x = left + (index * width) / (high - low);
        return `<line x1="${x.toFixed(1)}" y1="52" x2="${x.toFixed(1)}" y2="${height - 28}" stroke="#d0d0d0"/>` +
            text(x.toFixed(1), height - 12, ['1 k', '10 k', '100 k', '1 M', '10 M', '100 M', '1 G'][index], ' text-anchor="middle"');
    });
    return `<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: Apache-2.0 -->
<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 30}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${text(left, 20, 'Instructions for one connect (logarithmic)', ' font-size="14"')}
<rect x="${left}" y="30" width="10" height="10" fill="${colours.microbit}"/>${text(left + 15, 40, 'Cortex-M0+')}
<rect x="${left + 110}" y="30" width="10" height="10" fill="${colours['mps2-an505']}"/>${text(left + 125, 40, 'Cortex-M33')}
${[...grid, ...bars].join('\n')}
</svg>
`;
}

function readLog(file) {
    const found = fs.readFileSync(file, 'utf8').matchAll(/^([a-z0-9_]+) (\d+)$/gm);
    return Object.fromEntries([...found].map(([, name, value]) => [name, Number(value)]));
}

// What differs by more than the tolerance, or is missing.
function differences(known, measured) {
    return Object.keys(known).filter((name) => !(Math.abs(known[name] - measured[name]) <= tolerance * Math.max(known[name], measured[name])))
        .map((name) => `${name} is ${measured[name]} and was ${known[name]}`);
}

const between = (page, name, content) => {
    const pattern = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end of ${name} -->)`);
    if (!pattern.test(page)) {
        throw new Error(`the page has no place for its ${name}`);
    }
    return page.replace(pattern, (_, begin, end) => begin + content + '\n' + end);
};

const pageOf = (page, figures) => between(between(page, 'connects', connects(figures)), 'days', daysTable(figures));

function main([action, ...logs]) {
    if (!['check', 'write'].includes(action)) {
        throw new Error('usage: cost_page.js check|write MACHINE=LOG...');
    }
    const figures = JSON.parse(fs.readFileSync(files.figures, 'utf8'));
    const wrong = [];
    for (const [machine, log] of logs.map((argument) => argument.split('='))) {
        if (action === 'write') {
            figures[machine] = readLog(log);
        } else {
            wrong.push(...differences(figures[machine], readLog(log)).map((what) => `${machine}: ${what}`));
        }
    }
    const page = fs.readFileSync(files.page, 'utf8');
    const outputs = { [files.page]: pageOf(page, figures), [files.plot]: plot(figures) };
    if (action === 'write') {
        Object.values(energy.processors).forEach(({ machine }) => {
            figures[machine] = Object.fromEntries([...used].map((name) => [name, figures[machine][name]]));
        });
        fs.writeFileSync(files.figures, JSON.stringify(figures, null, 1) + '\n');
        Object.entries(outputs).forEach(([file, content]) => fs.writeFileSync(file, content));
    } else {
        wrong.push(...Object.entries(outputs).filter(([file, content]) => fs.readFileSync(file, 'utf8') !== content)
            .map(([file]) => `${path.basename(file)} does not show the figures of device-cost.json`));
    }
    if (wrong.length > 0) {
        throw new Error(wrong.join('\n') + '\nscripts/device --write updates the page');
    }
}

if (require.main === module) {
    try {
        main(process.argv.slice(2));
    } catch (error) {
        console.error(error.message);
        process.exit(1);
    }
}

module.exports = { ways, days, connectOf, messageOf, dayOf, differences, main };
