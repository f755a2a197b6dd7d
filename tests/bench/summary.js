// What the runs of tests/bench/run come to.
//
//   node summary.js FOLDER MOSQUITTO OPENSSL   prints the tables of FOLDER/runs and writes FOLDER/results.json; the
//                                              others are versions
//   node summary.js --slowest FILE...          the fewest messages a second of these results
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

// Reseal, and what it is compared with.
const pairs = [['d', 'a'], ['e', 'b'], ['e', 'c']];

function median(values) {
    const sorted = [...values].sort((x, y) => x - y);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// Median, lowest and highest; null if a run has no such figure.
function spread(values) {
    if (values.length === 0 || values.some((value) => value === null)) {
        return null;
    }
    return { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
}

// One broker's figures in one cell, from its runs in closed and open loop.
function figures(closed, open) {
    const latency = (name) => spread(open.map((run) => (run.latency_us ? run.latency_us[name] : null)));
    return {
        deliveries_per_second: spread(closed.map((run) => run.deliveries_per_second)),
        cpu_seconds_per_million_deliveries:
            spread(closed.map((run) => run.broker.cpu_seconds_per_million_deliveries)),
        rate: open.length > 0 ? open[0].settings.rate : null,
        p50_us: latency('p50'),
        p99_us: latency('p99'),
        p99_9_us: latency('p99_9'),
        rss_kib: spread(closed.map((run) => run.broker.rss_kib)),
        anonymous_kib: spread(closed.map((run) => run.broker.anonymous_kib)),
        // Near 1, it was the generator that could not do more; the broker's CPU time per delivery holds all the same.
        generator_busy: spread(closed.map((run) => run.generator.cpu_seconds / run.seconds)),
        missing: [...closed, ...open].reduce((sum, run) => sum + run.missing, 0),
    };
}

function quotient(above, below) {
    return above && below && below.median > 0 ? above.median / below.median : null;
}

// Throughput and CPU: 1 as fast as without Reseal, less is slower. Latency: how many times as long.
function ratios(reseal, other) {
    return {
        throughput: quotient(reseal.deliveries_per_second, other.deliveries_per_second),
        cpu: quotient(other.cpu_seconds_per_million_deliveries, reseal.cpu_seconds_per_million_deliveries),
        p99: quotient(reseal.p99_us, other.p99_us),
    };
}

function readRuns(folder, broker, loop) {
    const name = new RegExp(`^${broker}\\.\\d+\\.${loop}\\.json$`);
    return fs.readdirSync(folder).filter((file) => name.test(file)).sort()
        .map((file) => JSON.parse(fs.readFileSync(path.join(folder, file))));
}

function readCell(folder) {
    const brokers = {};
    let settings;
    for (const broker of ['a', 'b', 'c', 'd', 'e']) {
        const closed = readRuns(folder, broker, 'closed');
        if (closed.length > 0) {
            brokers[broker] = figures(closed, readRuns(folder, broker, 'open'));
            settings = closed[0].settings;
        }
    }
    const compared = {};
    for (const [reseal, other] of pairs) {
        if (brokers[reseal] && brokers[other]) {
            compared[`${reseal}/${other}`] = ratios(brokers[reseal], brokers[other]);
        }
    }
    return { fan_out: settings.subscribers, payload_bytes: settings.payload_bytes, qos: settings.qos, brokers,
        ratios: compared };
}

function shown(value, digits) {
    return value === null || value === undefined ? '-' : value.toFixed(digits);
}

function cellName(cell) {
    return [String(cell.fan_out).padStart(7), String(cell.payload_bytes).padStart(7), String(cell.qos).padStart(3)];
}

function figureLines(cells) {
    const head = 'fan-out payload QoS broker deliveries/s CPU s/million  spread   p50 us   p99 us p99.9 us' +
        '   RSS KiB missing generator';
    const lines = cells.flatMap((cell) => Object.entries(cell.brokers).map(([broker, of]) => {
        const cpu = of.cpu_seconds_per_million_deliveries;
        const range = cpu && (cpu.highest - cpu.lowest) / cpu.median * 100;
        return [...cellName(cell), broker.padStart(6), shown(of.deliveries_per_second.median, 0).padStart(12),
            shown(cpu && cpu.median, 2).padStart(13), `${shown(range, 0)} %`.padStart(7),
            ...[of.p50_us, of.p99_us, of.p99_9_us].map((time) => shown(time && time.median, 0).padStart(8)),
            shown(of.rss_kib.median, 0).padStart(9), String(of.missing).padStart(7),
            `${shown(of.generator_busy.median * 100, 0)} %`.padStart(9)].join(' ');
    }));
    return [head, ...lines];
}

function ratioLines(cells) {
    const head = 'fan-out payload QoS compared      CPU throughput      p99';
    const lines = cells.flatMap((cell) => Object.entries(cell.ratios).map(([name, of]) =>
        [...cellName(cell), name.padStart(8), shown(of.cpu, 2).padStart(8), shown(of.throughput, 2).padStart(10),
            shown(of.p99, 2).padStart(8)].join(' ')));
    return [head, ...lines];
}

function summarise(folder, mosquitto, openssl) {
    const runs = path.join(folder, 'runs');
    const cells = fs.readdirSync(runs).map((name) => readCell(path.join(runs, name)))
        .sort((x, y) => x.qos - y.qos || x.payload_bytes - y.payload_bytes || x.fan_out - y.fan_out);
    const machine = { processor: os.cpus()[0].model, processors: os.cpus().length, kernel: os.release(),
        memory_gib: Math.round(os.totalmem() / 2 ** 30) };
    fs.writeFileSync(path.join(folder, 'results.json'), `${JSON.stringify(
        { format: 'reseal-bench-run/1', date: new Date().toISOString(), mosquitto, clients: openssl, machine, cells },
        null, 2)}\n`);
    const { processor, processors, kernel } = machine;
    console.log(`\nMosquitto ${mosquitto}; ${processors} x ${processor}, Linux ${kernel}, clients with ${openssl}`);
    console.log('Medians; spread: of the CPU time, highest less lowest. Latency at half of what the slowest bore.');
    console.log('generator: how busy it was; near 100 %, the broker could have delivered more a second.\n');
    console.log(figureLines(cells).join('\n'));
    console.log('\nd and e are Reseal. CPU (per delivery) and throughput: 1.00 as fast, less is slower;');
    console.log('p99: how many times as long.\n');
    console.log(ratioLines(cells).join('\n'));
}

if (require.main === module) {
    const [first, ...rest] = process.argv.slice(2);
    if (first === '--slowest') {
        const results = rest.map((file) => JSON.parse(fs.readFileSync(file)));
        console.log(Math.min(...results.map((result) => result.messages_per_second)));
    } else {
        summarise(first, ...rest);
    }
}

module.exports = { median, spread, ratios, readCell };
