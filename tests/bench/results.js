// SPDX-License-Identifier: Apache-2.0
// results.json: what the measurements under FOLDER/runs come to, for each version of Mosquitto, cell and broker.
//
//   FOLDER/runs/VERSION/FAN_OUT/BROKER.ROUND.jsonl   lines of reseal-bench; round 0 is the calibration. The brokers' nth
//                                                    lines of a round were measured one soon after the other
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spread } = require('./statistics');
const { readMeasurements } = require('./plan');
const { judge } = require('./goals');

const brokers = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

// Reseal, and what it is compared with.
const pairs = [['d', 'a'], ['e', 'b'], ['e', 'c']];

// What stands in the place of Reseal and costs the least.
const leastOf = { d: 'f', e: 'g' };

// The median of the turns' quantiles, in microseconds: a stall of the machine in one turn is not the broker's.
const latency = (turns, name, of = 'latency_us') => spread(turns.map((one) => one[of]?.[name]));

// One broker's figures in one cell, from its turns in closed and open loop.
function figures(closed, open) {
    return {
        deliveries_per_second: spread(closed.map((one) => one.deliveries_per_second)),
        cpu_seconds_per_million_deliveries:
            spread(closed.map((one) => one.broker.cpu_seconds_per_million_deliveries)),
        rate: open.length > 0 ? open[0].settings.rate : null,
        p50_us: latency(open, 'p50'),
        p99_us: latency(open, 'p99'),
        p99_9_us: latency(open, 'p99_9'),
        // It never sleeps: the part of the time that it had a processor, less than 1 where others used the machine.
        generator_share: spread(closed.map((one) => one.generator.cpu_seconds / one.seconds)),
        missing: [...closed, ...open].reduce((sum, one) => sum + one.missing, 0),
    };
}

// The median of the turns' quotients, whose two were measured one soon after the other.
function quotient(above, below, aboveTurns, belowTurns, of) {
    if (!above || !below || below.value === 0) {
        return null;
    }
    return spread(aboveTurns.map((one, index) => of(one) / of(belowTurns[index])));
}

// Of the medians themselves: a stall in a turn of either one would spoil the turn's quotient.
function quotientOfMedians(above, below) {
    return above && below && below.value > 0 ? { value: above.value / below.value } : null;
}

// Throughput and CPU: 1 as fast as without Reseal, less is slower. Latency: how many times as long.
function ratios(reseal, other) {
    const cpu = 'cpu_seconds_per_million_deliveries';
    const rate = 'deliveries_per_second';
    return {
        cpu: quotient(other.figures[cpu], reseal.figures[cpu], other.closed, reseal.closed, (one) => one.broker[cpu]),
        throughput: quotient(reseal.figures[rate], other.figures[rate], reseal.closed, other.closed, (one) => one[rate]),
        p99: quotientOfMedians(reseal.figures.p99_us, other.figures.p99_us),
    };
}

// All measurements of one fan-out with one broker: a list of rounds, each a list of measurements.
function readRounds(folder, broker) {
    const name = new RegExp(`^${broker}\\.[1-9]\\d*\\.jsonl$`);
    return fs.readdirSync(folder).filter((file) => name.test(file)).sort()
        .map((file) => readMeasurements(path.join(folder, file)));
}

const cellOf = ({ settings }) => ({ fan_out: settings.subscribers, payload_bytes: settings.payload_bytes,
    qos: settings.qos });
const keyOf = (one) => Object.values(cellOf(one)).join('/');

// What one broker's rounds say of the cell `key`.
function measuredOf(rounds, key) {
    const ofCell = rounds.flat().filter((one) => keyOf(one) === key);
    const [closed, open] = ['closed', 'open'].map((loop) => ofCell.filter((one) => one.settings.loop === loop));
    return { closed, open, figures: figures(closed, open) };
}

function compare(measured, version) {
    const out = {};
    for (const [reseal, other] of pairs) {
        if (measured[reseal] && measured[other]) {
            const [ratio, least] = [measured[reseal], measured[leastOf[reseal]]].map((one) => one && ratios(one, measured[other]));
            out[`${reseal}/${other}`] = { ...ratio, least_cpu: least?.cpu ?? null,
                missed: judge(`${reseal}/${other}`, ratio, version) };
        }
    }
    return out;
}

const each = (object, change) => Object.fromEntries(Object.entries(object).map(([key, one]) => [key, change(one)]));

function readCells(folder, version) {
    const rounds = {};
    for (const broker of brokers) {
        const found = readRounds(folder, broker);
        if (found.length > 0) {
            rounds[broker] = found;
        }
    }
    const first = Object.values(rounds)[0][0];
    const cells = [...new Map(first.map((one) => [keyOf(one), cellOf(one)]))].map(([key, cell]) => {
        const measured = each(rounds, (of) => measuredOf(of, key));
        return { ...cell, brokers: each(measured, (of) => of.figures), ratios: compare(measured, version) };
    });
    const memory = { fan_out: cells[0].fan_out, brokers: each(rounds, memoryOf) };
    return { cells, memory };
}

// Before the first message, and after the last of all measurements with these connections.
function memoryOf(rounds) {
    return {
        connected_kib: spread(rounds.map((round) => round[0].broker.rss_kib_before)),
        loaded_kib: spread(rounds.map((round) => round.at(-1).broker.rss_kib)),
    };
}

function readVersion(runs, version) {
    const fanOuts = fs.readdirSync(path.join(runs, version)).sort((x, y) => x - y);
    const read = fanOuts.map((fanOut) => readCells(path.join(runs, version, fanOut), version));
    const cells = read.flatMap((one) => one.cells);
    cells.sort((x, y) => x.qos - y.qos || x.payload_bytes - y.payload_bytes || x.fan_out - y.fan_out);
    return { mosquitto: version, cells, memory: read.map((one) => one.memory) };
}

function machine() {
    return { processor: os.cpus()[0].model.trim(), processors: os.cpus().length, kernel: os.release(),
        memory_gib: Math.round(os.totalmem() / 2 ** 30) };
}

const byVersion = (x, y) => x.localeCompare(y, 'en', { numeric: true });

function summarise(folder, openssl) {
    const runs = path.join(folder, 'runs');
    return { format: 'reseal-bench-run/2', date: new Date().toISOString(), clients: openssl, machine: machine(),
        versions: fs.readdirSync(runs).sort(byVersion).map((version) => readVersion(runs, version)) };
}

module.exports = { latency, ratios, readCells, readRounds, readVersion, summarise, machine, pairs, brokers, byVersion };
