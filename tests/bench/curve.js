// SPDX-License-Identifier: Apache-2.0
// One message at a time to 1, 2, 4 ... subscribers: how long until each of them, and the last, has it.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { latency, machine, readRounds, byVersion } = require('./results');
const { opening, quoted, brokerColours, titles } = require('./plots');
const { machineLine, shown } = require('./tables');

// Medians in milliseconds by subscribers, as published for MQT-TZ, which re-encrypts for each subscriber.
const published = {
    machine: 'Raspberry Pi 3',
    outside: { title: 'MQT-TZ outside the enclave', colour: '#888888', points: { 1: 84, 128: 8800 } },
    inside: { title: 'MQT-TZ inside it', colour: '#000000', points: { 1: 234, 128: 39000 } },
};

const letters = ['b', 'e'];

const ticks = ['0.01 ms', '0.1 ms', '1 ms', '10 ms', '100 ms', '1 s', '10 s', '100 s']
    .map((name, index) => `"${name}" ${10 ** (index - 2)}`).join(', ');

function pointOf(folder, subscribers) {
    const brokers = Object.fromEntries(letters.map((letter) => {
        const turns = readRounds(folder, letter).flat();
        return [letter, { each_us: latency(turns, 'p50'), last_us: latency(turns, 'p50', 'latency_of_last_us'),
            missing: turns.reduce((sum, one) => sum + one.missing, 0) }];
    }));
    return { subscribers, brokers };
}

function readCurve(folder, openssl) {
    const runs = path.join(folder, 'runs');
    const versions = fs.readdirSync(runs).sort(byVersion).map((mosquitto) => ({ mosquitto,
        points: fs.readdirSync(path.join(runs, mosquitto)).map(Number).sort((x, y) => x - y)
            .map((subscribers) => pointOf(path.join(runs, mosquitto, String(subscribers)), subscribers)) }));
    return { format: 'reseal-bench-curve/1', date: new Date().toISOString(), clients: openssl, machine: machine(),
        versions };
}

const milliseconds = (figure) => shown(figure && { value: figure.value / 1000 }, 2);
const cellsOf = (point) => letters.flatMap((letter) =>
    [milliseconds(point.brokers[letter].each_us), milliseconds(point.brokers[letter].last_us)]);

function lossLines({ versions }) {
    return versions.flatMap(({ mosquitto, points }) => points.flatMap(({ subscribers, brokers }) => letters
        .filter((letter) => brokers[letter].missing > 0).map((letter) => `LOST: ${brokers[letter].missing} deliveries of ` +
            `Mosquitto ${mosquitto}, broker ${letter}, ${subscribers} subscribers`)));
}

function curveLines(curve) {
    return [`\n${machineLine(curve)}`, 'Median milliseconds until each subscriber, and the last, has a message of 4 kB.',
        ...curve.versions.flatMap(({ mosquitto, points }) => [`\nMosquitto ${mosquitto}\n`,
            'subscribers  b each  b last  e each  e last', ...points.map((point) => [String(point.subscribers).padStart(11),
                ...cellsOf(point).map((text) => text.padStart(7))].join(' '))]), ...lossLines(curve)];
}

// In Markdown, beside what was published.
function curveTable({ versions }) {
    const head = ['subscribers', ...versions.flatMap(({ mosquitto }) => ['b each', 'b last', 'e each', 'e last']
        .map((name) => `${mosquitto} ${name}`)), 'MQT-TZ outside', 'MQT-TZ inside it'];
    const of = (place, subscribers) => String(published[place].points[subscribers] ?? '');
    const rows = versions[0].points.map(({ subscribers }, index) => [String(subscribers),
        ...versions.flatMap(({ points }) => cellsOf(points[index])), of('outside', subscribers), of('inside', subscribers)]);
    return [head, head.map(() => '---:'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}

const curveSection = (curve) => [`Ours: ${machineLine(curve)}. MQT-TZ: ${published.machine}. Milliseconds.`, '',
    ...curveTable(curve), '', '![Time from publish to receipt](benchmarks/curve.png)',
    ...lossLines(curve).flatMap((line) => ['', `**${line}**`])];

// A line of the plot: its points as "x y low high", and how it is drawn.
function lineOf(points, letter, of) {
    return points.map(({ subscribers, brokers }) => [subscribers, brokers[letter][of]]).filter(([, figure]) => figure)
        .map(([subscribers, figure]) => [subscribers, ...[figure.value, figure.low, figure.high]
            .map((one) => one / 1000)].join(' '));
}

const publishedLine = ({ points }) => Object.entries(points).map(([x, y]) => `${x} ${y} ${y} ${y}`);

function curvePanel({ mosquitto, points }, name) {
    const lines = [...letters.flatMap((letter) => [
        { rows: lineOf(points, letter, 'each_us'), colour: brokerColours[letter], dash: 2, point: 6 },
        { rows: lineOf(points, letter, 'last_us'), colour: brokerColours[letter], dash: 1, point: 7 }]),
    ...['outside', 'inside'].map((place) => ({ rows: publishedLine(published[place]), colour: published[place].colour,
        dash: 3, point: 5 }))];
    const blocks = lines.map(({ rows }, index) => `$${name}_${index} << END\n${rows.join('\n')}\nEND\n`);
    const plots = lines.map(({ colour, dash, point }, index) => `$${name}_${index} using 1:2:3:4 with yerrorlines ` +
        `linewidth 2 dashtype ${dash} pointtype ${point} linecolor rgb "${colour}"`);
    return `${blocks.join('')}set title ${quoted(`Mosquitto ${mosquitto}`)} font ",11" offset 0,-0.5
set xlabel "subscribers" offset 0,0.3
set logscale x 2
set logscale y 10
set xrange [0.85:150]
set yrange [0.01:100000]
set ytics (${ticks})
plot ${plots.join(', \\\n    ')}
unset label
unset object
unset arrow
`;
}

function curvePlot(curve, file) {
    const items = [...letters.map((letter) => ({ title: titles[letter], colour: brokerColours[letter] })),
        { ...published.outside, line: true }, { ...published.inside, line: true }];
    const columns = curve.versions.length;
    return opening(file, { title: 'Median time until the last subscriber (dashed: each) has a message of 4 kB',
        machines: `${machineLine(curve)}; MQT-TZ: ${published.machine}`, rows: 1, columns, items, panel: Math.max(430, 960 / columns) }) +
        curve.versions.map((version, index) => curvePanel(version, `c${index}`)).join('');
}

module.exports = { readCurve, curveLines, curveSection, curvePlot, lossLines, published };
