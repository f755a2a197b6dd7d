// SPDX-License-Identifier: Apache-2.0
// What the runs of tests/bench/run come to.
//
//   node report.js full|quick|curve|batches FOLDER OPENSSL   prints the tables of FOLDER/runs, writes them and plots into
//                                                            FOLDER; exit status 1: something was lost
//   node report.js write FOLDER PAGE                         brings FOLDER/full, curve and batches, those that there are,
//                                                            into PAGE, and their plots into the folder of PAGE's name
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { summarise } = require('./results');
const { tables, lossLines } = require('./tables');
const { draw, plot } = require('./plots');
const curves = require('./curve');
const batches = require('./batches');
const { brokersSection, writePage, takeFiles } = require('./page');

// Figures to six digits, and a line for each cell.
function write(file, results) {
    const rounded = (key, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);
    const text = JSON.stringify(results, rounded).replaceAll(/\{"(mosquitto|fan_out|subscribers)":/g, '\n$&');
    fs.writeFileSync(file, `${text}\n`);
    return file;
}

function reportCurve(folder, openssl) {
    const curve = curves.readCurve(folder, openssl);
    const image = path.join(folder, 'curve.png');
    draw(curves.curvePlot(curve, image));
    console.log(curves.curveLines(curve).join('\n'));
    console.log(`\nwritten: ${write(path.join(folder, 'curve.json'), curve)}, ${image}`);
    return curves.lossLines(curve);
}

function reportBatches(folder, openssl) {
    const results = batches.readBatches(folder, openssl);
    console.log(batches.batchesLines(results).join('\n'));
    console.log(`\nwritten: ${write(path.join(folder, 'batches.json'), results)}`);
    return batches.lossLines(results);
}

function reportBrokers(folder, openssl) {
    const results = summarise(folder, openssl);
    console.log(tables(results));
    console.log(`\nwritten: ${[write(path.join(folder, 'results.json'), results), ...plot(results, folder)].join(', ')}`);
    return results.versions.flatMap(lossLines);
}

// The sections of the page for which there is a run.
function sectionsOf(folder) {
    const read = (...names) => {
        const file = path.join(folder, ...names);
        return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file)) : null;
    };
    const [results, curve, batch] = [read('full', 'results.json'), read('curve', 'curve.json'), read('batches', 'batches.json')];
    return { ...(results && { brokers: brokersSection(results) }), ...(curve && { curve: curves.curveSection(curve) }),
        ...(batch && { batches: batches.batchesSection(batch) }) };
}

const mine = { brokers: /^((cpu|throughput|latency)-.*\.png|results\.json)$/, curve: /^curve\.(png|json)$/,
    batches: /^batches\.json$/ };
const folderOf = { brokers: 'full', curve: 'curve', batches: 'batches' };
const reports = { full: reportBrokers, quick: reportBrokers, curve: reportCurve, batches: reportBatches };

function bringIn(folder, page) {
    const sections = sectionsOf(folder);
    if (Object.keys(sections).length === 0) {
        throw new Error(`there are no results in ${folder}/full, curve or batches: run the bench first`);
    }
    writePage(page, sections);
    for (const name of Object.keys(sections)) {
        takeFiles(path.join(folder, folderOf[name]), page.replace(/\.md$/, ''), mine[name]);
        console.log(`written: ${name} of ${page}`);
    }
}

const [kind, folder, third] = process.argv.slice(2);
try {
    if (kind === 'write') {
        bringIn(folder, third);
    } else {
        process.exitCode = reports[kind](folder, third).length === 0 ? 0 : 1;
    }
} catch (error) {
    console.error(`report.js: ${error.message}`);
    process.exitCode = 2;
}
