// SPDX-License-Identifier: Apache-2.0
// What several measurements of one thing come to.
'use strict';

// The value below which that part of them lies, 0 to 1; between two of them in proportion.
function quantile(values, part) {
    const sorted = [...values].sort((x, y) => x - y);
    const place = (sorted.length - 1) * part;
    const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return below + (above - below) * (place - Math.floor(place));
}

const median = (values) => quantile(values, 0.5);

const unknown = (value) => value === null || value === undefined || Number.isNaN(value);

// Their median, and between which their middle half lies; null if a turn has no such figure.
function spread(values) {
    if (values.length === 0 || values.some(unknown)) {
        return null;
    }
    return { value: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

module.exports = { median, spread };
