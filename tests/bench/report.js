// What the runs of tests/bench/run come to.
//
//   node report.js full|quick|curve FOLDER OPENSSL   prints the tables of FOLDER/runs, writes FOLDER/results.json and plots
//   node report.js write FOLDER PAGE                 brings FOLDER/full and FOLDER/curve into PAGE and a folder of its name
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { summarise } = require('./results');
const { tables, losses } = require('./tables');
const { plot } = require('./plots');

function report(folder, openssl, kind) {
    const results = { ...summarise(folder, openssl), kind };
    const file = path.join(folder, 'results.json');
    fs.writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
    console.log(tables(results));
    console.log(`\nwritten: ${[file, ...plot(results, folder)].join(', ')}`);
    return losses(results) === 0 ? 0 : 1;
}

const [kind, folder, third] = process.argv.slice(2);
process.exitCode = report(folder, third, kind);
