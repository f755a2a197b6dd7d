// SPDX-License-Identifier: Apache-2.0
// What Reseal is to reach, and where it does not.
'use strict';

const most = 0.95; // of the CPU ratios against the same broker without Reseal: in most cells
const latencyAtMost = 1.2;

const isOf20 = (version) => version.startsWith('2.0.');

// The least ratio of CPU time per delivery that a pair is to have in every cell.
function cpuGoal(pair, version) {
    if (pair === 'e/c') {
        return 1;
    }
    return isOf20(version) ? 0.9 : 0.85;
}

// Names of the ratios of a pair that miss their goal in a cell; what was not measured misses it, too.
function judge(pair, ratio, version) {
    const missed = [];
    if (!ratio.cpu || ratio.cpu.value < cpuGoal(pair, version)) {
        missed.push('cpu');
    }
    if (pair !== 'e/c' && (!ratio.p99 || ratio.p99.value > latencyAtMost)) {
        missed.push('p99');
    }
    return missed;
}

// One pair in all cells of a version.
function tally(pair, { cells, mosquitto }) {
    const all = cells.map((cell) => cell.ratios[pair]).filter(Boolean);
    const cpu = all.map((one) => (one.cpu ? one.cpu.value : 0));
    return { pair, cells: all.length, goal: cpuGoal(pair, mosquitto),
        cpu: all.filter((one) => !one.missed.includes('cpu')).length,
        reachable: all.every((one) => one.least_cpu)
            ? all.filter((one) => one.least_cpu.value >= cpuGoal(pair, mosquitto)).length : null,
        most: cpu.filter((value) => value >= most).length,
        p99: pair === 'e/c' ? null : all.filter((one) => !one.missed.includes('p99')).length,
        lowest: Math.min(...cpu) };
}

module.exports = { cpuGoal, judge, tally, most, latencyAtMost };
