// What several measurements of one thing come to.
'use strict';

function median(values) {
    const sorted = [...values].sort((x, y) => x - y);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const unknown = (value) => value === null || value === undefined || Number.isNaN(value);

// `value` with the lowest and highest of the rounds' `values`; null if a round has no such figure.
function within(value, values) {
    if (values.length === 0 || unknown(value) || values.some(unknown)) {
        return null;
    }
    return { value, lowest: Math.min(...values), highest: Math.max(...values) };
}

// Their median with lowest and highest.
function spread(values) {
    return values.length === 0 || values.some(unknown) ? null : within(median(values), values);
}

// The least number that `share` of all did not exceed. Histograms: lists of [number, how many].
function pooledQuantile(histograms, share) {
    const steps = histograms.flat().sort((x, y) => x[0] - y[0]);
    const wanted = share * steps.reduce((sum, [, count]) => sum + count, 0);
    let passed = 0;
    for (const [number, count] of steps) {
        passed += count;
        if (passed >= wanted) {
            return number;
        }
    }
    return null;
}

module.exports = { median, spread, within, pooledQuantile };
