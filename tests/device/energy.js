// SPDX-License-Identifier: Apache-2.0
// An estimate of the energy and the time that a device spends, from what was measured: instructions and bytes. All inputs
// are here, each with its unit. No board was measured: the currents are round assumptions.
'use strict';

const supply = 3.3; // V

// Above the same board with an idle processor. Cycles per instruction: a Cortex-M0+ takes two for a load, a store and a
// taken branch; a Cortex-M33 fewer. Misses of the flash's cache are not counted.
const processors = {
    rp2040: { title: 'RP2040', machine: 'microbit', hertz: 125e6, cyclesPerInstruction: 1.5, milliamperes: 25 },
    rp2350: { title: 'RP2350', machine: 'mps2-an505', hertz: 150e6, cyclesPerInstruction: 1.3, milliamperes: 25 },
};

// The CYW43439, above its sleep between beacons. It stays awake for a while after each frame: so long in the mode that
// the Pico SDK sets (CYW43_PERFORMANCE_PM).
const radio = {
    sendMilliamperes: 250,
    listenMilliamperes: 45,
    awakeSeconds: 0.2,
    bitsPerSecond: 20e6, // of a frame's bytes
    secondsPerFrame: 150e-6, // preamble, spaces, acknowledgement
};

const network = {
    roundTripSeconds: 0.02,
    bytesPerSegment: 40, // of TCP and IPv4, without options
    segmentMost: 1460,
};

const secondsOf = (instructions, processor) => (instructions * processor.cyclesPerInstruction) / processor.hertz;
const joules = (milliamperes, seconds) => (supply * milliamperes * seconds) / 1e3;

// `payloads`: bytes of each flight that one side sends; 0 is a bare acknowledgement.
function segments(payloads) {
    const count = payloads.reduce((sum, size) => sum + Math.max(1, Math.ceil(size / network.segmentMost)), 0);
    return { count, bytes: payloads.reduce((sum, size) => sum + size, 0) + count * network.bytesPerSegment };
}

const airSeconds = ({ count, bytes }) => (bytes * 8) / radio.bitsPerSecond + count * radio.secondsPerFrame;

// Energy in joules, without the radio's listening, which is the same with and without protection.
const processorJoules = (instructions, processor) => joules(processor.milliamperes, secondsOf(instructions, processor));
const airJoules = (up, down) => joules(radio.sendMilliamperes, airSeconds(up)) +
    joules(radio.listenMilliamperes, airSeconds(down));
const listenJoules = (seconds) => joules(radio.listenMilliamperes, seconds);

module.exports = { supply, processors, radio, network, secondsOf, segments, airSeconds, processorJoules, airJoules, listenJoules };
