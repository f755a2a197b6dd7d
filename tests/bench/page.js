// SPDX-License-Identifier: Apache-2.0
// docs/benchmarks.md: what stands between its markers, from the results of a run.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { pairs, brokers } = require('./results');
const { tally, most, latencyAtMost } = require('./goals');
const { machineLine, lossLines } = require('./tables');

const rowsOf = (rows) => rows.map((row) => `| ${row.join(' | ')} |`);
const table = (head, rows) => [...rowsOf([head, head.map(() => '---:'), ...rows]), ''];
const cellHead = ['fan-out', 'bytes', 'QoS'];
const cellName = (cell) => [cell.fan_out, cell.payload_bytes, cell.qos].map(String);
const inBold = (text, bold) => (bold ? `**${text}**` : text);

// "10.3 (10.1–10.6)": the median, and between which the middle half of the turns lies.
function ranged(figure, digits, scale = 1) {
    const text = (value) => (value * scale).toFixed(digits);
    return figure ? `${text(figure.value)} (${text(figure.low)}–${text(figure.high)})` : '-';
}

function goalTable(version) {
    return table(['', 'cells', 'CPU at least', 'met in', 'by the least in', `at least ${most} in`, 'lowest', `p99 at most ${latencyAtMost}× in`],
        pairs.map((pair) => tally(pair.join('/'), version)).map((one) => [one.pair, one.cells, one.goal.toFixed(2), one.cpu,
            one.reachable ?? '-', one.most, one.lowest.toFixed(2), one.p99 ?? '-']));
}

function ratioTable({ cells }) {
    const names = pairs.map((pair) => pair.join('/'));
    const titles = { cpu: 'CPU', least_cpu: 'CPU, the least', throughput: 'throughput', p99: 'p99' };
    const columns = names.flatMap((name) => Object.keys(titles).map((of) => ({ name, of })));
    const text = (ratio, of) => inBold(of === 'cpu' ? ranged(ratio[of], 2) : ratio[of]?.value.toFixed(2) ?? '-',
        ratio.missed.includes(of));
    return table([...cellHead, ...columns.map(({ name, of }) => `${name} ${titles[of]}`)],
        cells.map((cell) => [...cellName(cell), ...columns.map(({ name, of }) => text(cell.ratios[name], of))]));
}

const folded = (title, lines) => ['<details>', `<summary>${title}</summary>`, '', ...lines, '</details>', ''];

function figureTable(title, { cells }, text) {
    return folded(title, table([...cellHead, ...brokers],
        cells.map((cell) => [...cellName(cell), ...brokers.map((letter) => text(cell.brokers[letter]))])));
}

const latencies = (of) => [of.p50_us, of.p99_us, of.p99_9_us]
    .map((figure) => (figure ? (figure.value / 1000).toFixed(2) : '-')).join(' / ');

function memoryTable({ memory }) {
    const text = ({ connected_kib: before, loaded_kib: after }) =>
        [before, after].map((figure) => (figure.value / 1024).toFixed(1)).join(' / ');
    return table(['fan-out', ...brokers], memory.map((one) => [one.fan_out,
        ...brokers.map((letter) => text(one.brokers[letter]))]));
}

const image = (name, { mosquitto }, title) => [`![${title}](benchmarks/${name}-${mosquitto}.png)`, ''];

function versionSection(version) {
    const cpu = (of) => ranged(of.cpu_seconds_per_million_deliveries, 2);
    const rate = (of) => ranged(of.deliveries_per_second, 1, 1e-3);
    return [`### Mosquitto ${version.mosquitto}`, '', ...goalTable(version),
        'Ratios; what misses its goal is bold.', '', ...ratioTable(version),
        ...image('cpu', version, 'CPU ratios'), ...image('throughput', version, 'Deliveries a second'),
        ...image('latency', version, 'p99 latency at half load'),
        ...figureTable('CPU seconds per million deliveries', version, cpu),
        ...figureTable('Thousand deliveries a second', version, rate),
        ...figureTable('Latency at half load: p50 / p99 / p99.9, ms', version, latencies),
        'Resident MiB, connected / after all loads:', '', ...memoryTable(version),
        ...lossLines(version).flatMap((line) => [`**${line}**`, ''])];
}

const brokersSection = (results) => [
    `${machineLine(results)}. [results.json](benchmarks/results.json) has every figure.`, '',
    ...results.versions.flatMap(versionSection)];

// `text` with `lines` between <!-- NAME --> and <!-- end of NAME -->.
function filled(text, name, lines) {
    const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) {
        throw new Error(`there is no ${begin.trim()} with an ${end} after it`);
    }
    return text.slice(0, from + begin.length) + lines.join('\n').trimEnd() + '\n' + text.slice(to);
}

function writePage(page, sections) {
    let text = fs.readFileSync(page, 'utf8');
    for (const [name, lines] of Object.entries(sections)) {
        text = filled(text, name, lines);
    }
    fs.writeFileSync(page, text);
}

// The plots and results in `folder` become those of the page, in place of older ones of the same kind.
function takeFiles(folder, into, mine) {
    fs.mkdirSync(into, { recursive: true });
    fs.readdirSync(into).filter((name) => mine.test(name)).forEach((name) => fs.rmSync(path.join(into, name)));
    fs.readdirSync(folder).filter((name) => mine.test(name))
        .forEach((name) => fs.copyFileSync(path.join(folder, name), path.join(into, name)));
}

module.exports = { brokersSection, filled, writePage, takeFiles };
