// SPDX-License-Identifier: Apache-2.0
// The plots of a run, drawn by gnuplot.
'use strict';

const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { pairs } = require('./results');
const { cpuGoal } = require('./goals');
const { machineLine } = require('./tables');

const titles = { a: 'a  plain', b: 'b  mutual TLS, ACL file', c: 'c  mutual TLS, dynamic-security', d: 'd  Reseal, sealed CONNECT',
    e: 'e  Reseal, mutual TLS' };
const brokerColours = { a: '#999999', b: '#56b4e9', c: '#e69f00', d: '#009e73', e: '#d55e00' };
const shown = Object.keys(titles);
const payloadColours = ['#c6dbef', '#6baed6', '#2171b5', '#08306b'];
const goalColour = '#cc0000';
const scales = { cpu_seconds_per_million_deliveries: 1, deliveries_per_second: 1e-3, p99_us: 1e-3 };

const distinct = (values) => [...new Set(values)].sort((x, y) => x - y);
const quoted = (text) => `"${text.replaceAll('"', '')}"`;
const bytes = (count) => (count < 1024 ? `${count} B` : `${count / 1024} KiB`);

const panelWidth = 430;
const panelHeight = 330;
const headHeight = 120; // title and legend

// A line of boxes or strokes and their titles at `height` pixels below the top, as gnuplot's own would not be as wide.
function legend(items, width, height, all) {
    const y = (pixels) => (1 - pixels / all).toFixed(4);
    const widths = items.map(({ title }) => 70 + 7.6 * title.length);
    let x = (width - widths.reduce((sum, one) => sum + one, 0)) / 2;
    return items.map(({ title, colour, line }, index) => {
        const [left, right, text] = [x, x + 30, x + 36].map((pixels) => (pixels / width).toFixed(4));
        x += widths[index];
        const box = line ? `set arrow from screen ${left},${y(height)} to screen ${right},${y(height)} nohead dashtype 2 ` +
            `linewidth 2 linecolor rgb "${colour}"`
            : `set object rectangle from screen ${left},${y(height + 6)} to screen ${right},${y(height - 6)} ` +
            `fillcolor rgb "${colour}" fillstyle solid border rgb "#404040"`;
        return `${box}\nset label ${quoted(title)} at screen ${text},${y(height)}\n`;
    }).join('');
}

// What all plots have in common: rows of panels, `panel` pixels wide, under a title and a legend.
function opening(file, { title, machines, rows, columns, items, panel = panelWidth }) {
    const width = columns * panel + 20;
    const height = rows * panelHeight + headHeight;
    const [left, bottom, top] = [75 / width, 65 / height, 1 - (headHeight + 5) / height].map((one) => one.toFixed(4));
    return `set terminal pngcairo size ${width},${height} font "sans,11" background "white"
set output ${quoted(file)}
set datafile missing "-"
set style data histogram
set style histogram errorbars gap 1.5 linewidth 1
set style fill solid 0.9 border rgb "#404040"
set boxwidth 0.95
set grid ytics linetype 1 linewidth 0.5 linecolor rgb "#d0d0d0"
set border 3
set tics nomirror
set xtics scale 0
unset key
set multiplot layout ${rows},${columns} title ${quoted(`${title}\\n{/*0.75 ${machines}}`)} font ",13" \\
    margins screen ${left},0.99,${bottom},${top} spacing screen ${(75 / width).toFixed(4)},${(95 / height).toFixed(4)}
${legend(items, width, 72, height)}`;
}

const number = (figure, scale) =>
    (figure ? [figure.value, figure.low, figure.high].map((one) => (one * scale).toPrecision(6)).join(' ') : '- - -');

// One panel of grouped bars. `groups`: names under the axis; `series`: colour and a figure for each group.
function panel(name, { title, groups, series, unit, below, scale = 1, highest, goal }) {
    const rows = groups.map((group, index) =>
        [quoted(group), ...series.map((one) => number(one.figures[index], scale))].join(' '));
    const bars = series.map((one, index) => `$${name} using ${index * 3 + 2}:${index * 3 + 3}:${index * 3 + 4}:xtic(1) ` +
        `linecolor rgb "${one.colour}"`);
    const lines = goal ? [`${goal} with lines dashtype 2 linewidth 2 linecolor rgb "${goalColour}"`] : [];
    return `$${name} << END\n${rows.join('\n')}\nEND
set title ${quoted(title)} font ",11" offset 0,-0.5
set ylabel ${quoted(unit)} offset 1,0
set xlabel ${quoted(below)} offset 0,0.3
set xrange [-0.6:${groups.length - 0.4}]
set yrange [0:${highest ?? '*'}]
plot ${[...bars, ...lines].join(', \\\n    ')}
unset label
unset object
unset arrow
`;
}

// One panel for each of `down` x `across`.
const grid = (down, across, make) => down.flatMap((row, y) => across.map((column, x) => panel(`p${y}_${x}`, make(row, column))));

function cpuPlot(results, version, file) {
    const fanOuts = distinct(version.cells.map((cell) => cell.fan_out));
    const payloads = distinct(version.cells.map((cell) => cell.payload_bytes));
    const qualities = distinct(version.cells.map((cell) => cell.qos));
    const ratio = (pair, fanOut, payload, qos) => find(version, fanOut, payload, qos).ratios[pair].cpu;
    const highest = Math.max(1.2, ...version.cells.flatMap((cell) =>
        Object.values(cell.ratios).map((one) => (one.cpu ? one.cpu.high * 1.03 : 0))));
    const make = (qos, pair) => ({
        title: `${pair.join(' against ')}, QoS ${qos}`, groups: fanOuts.map(String), unit: 'CPU ratio (1: as fast)',
        below: 'fan-out (subscribers)', highest: highest.toFixed(2),
        series: payloads.map((payload, index) => ({ colour: payloadColours[index],
            figures: fanOuts.map((fanOut) => ratio(pair.join('/'), fanOut, payload, qos)) })),
        goal: cpuGoal(pair.join('/'), version.mosquitto),
    });
    const items = [...payloads.map((payload, index) => ({ title: bytes(payload), colour: payloadColours[index] })),
        { title: 'goal', colour: goalColour, line: true }];
    return opening(file, { machines: machineLine(results), rows: qualities.length, columns: pairs.length, items,
        title: `Mosquitto ${version.mosquitto}: CPU time per delivery, without Reseal over with it` }) +
        grid(qualities, pairs, make).join('');
}

const find = (version, fanOut, payload, qos) => version.cells.find((cell) =>
    cell.fan_out === fanOut && cell.payload_bytes === payload && cell.qos === qos);

// Bars for each broker; a row for each QoS.
function brokersPlot(results, version, file, { figure, title, unit, byPayload }) {
    const fanOuts = distinct(version.cells.map((cell) => cell.fan_out));
    const payloads = distinct(version.cells.map((cell) => cell.payload_bytes));
    const qualities = distinct(version.cells.map((cell) => cell.qos));
    const [across, groups] = byPayload ? [payloads, fanOuts] : [fanOuts, payloads];
    const cell = (column, group, qos) =>
        (byPayload ? find(version, group, column, qos) : find(version, column, group, qos));
    const make = (qos, column) => ({
        title: `${byPayload ? bytes(column) : `fan-out ${column}`}, QoS ${qos}`, unit, scale: scales[figure],
        groups: groups.map(byPayload ? String : bytes), below: byPayload ? 'fan-out (subscribers)' : 'payload',
        series: shown.map((letter) => ({ colour: brokerColours[letter],
            figures: groups.map((group) => cell(column, group, qos).brokers[letter][figure]) })),
    });
    const items = shown.map((letter) => ({ title: titles[letter], colour: brokerColours[letter] }));
    return opening(file, { machines: machineLine(results), rows: qualities.length, columns: across.length, items,
        panel: Math.max(panelWidth, 1240 / across.length),
        title: `Mosquitto ${version.mosquitto}: ${title}` }) + grid(qualities, across, make).join('');
}

const draw = (script) => execFileSync('gnuplot', { input: script, stdio: ['pipe', 'inherit', 'inherit'] });

// Draws all plots into `folder`; returns their files.
function plot(results, folder) {
    return results.versions.flatMap((version) => {
        const file = (name) => path.join(folder, `${name}-${version.mosquitto}.png`);
        const scripts = {
            [file('cpu')]: cpuPlot(results, version, file('cpu')),
            [file('throughput')]: brokersPlot(results, version, file('throughput'), { figure: 'deliveries_per_second',
                title: 'deliveries a second, closed loop', unit: 'thousand deliveries/s', byPayload: true }),
            [file('latency')]: brokersPlot(results, version, file('latency'), { figure: 'p99_us',
                title: 'p99 latency at half of what the slowest bears', unit: 'ms', byPayload: false }),
        };
        Object.values(scripts).forEach(draw);
        return Object.keys(scripts);
    });
}

module.exports = { plot, draw, opening, quoted, brokerColours, titles };
