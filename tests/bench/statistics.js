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

module.exports = { median, spread, within };
