// What several measurements of one thing come to.
'use strict';

function median(values) {
    const sorted = [...values].sort((x, y) => x - y);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const unknown = (value) => value === null || value === undefined || Number.isNaN(value);

// Their median with lowest and highest; null if a round has no such figure.
function spread(values) {
    if (values.length === 0 || values.some(unknown)) {
        return null;
    }
    return { value: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
}

module.exports = { median, spread };
