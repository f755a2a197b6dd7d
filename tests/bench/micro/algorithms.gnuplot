# SPDX-License-Identifier: Apache-2.0
# What it takes to seal with each algorithm, by size. `folder` is where summary.js has written the figures.
set terminal pngcairo size 1200,520 font "Sans,11"
set output folder."/algorithms.png"
set multiplot layout 1,2
set logscale xy
set grid
set key left top
set xrange [11:24000]
set xlabel "bytes of plaintext"
set xtics (16, 64, 256, "1,024" 1024, "4,096" 4096, "16,384" 16384)
set format y "%.0f"

set title "To seal on the host"
set ylabel "nanoseconds"
plot for [i=0:4] folder."/host.dat" index i using 1:2 with linespoints title columnheader(1)

set title "To seal on a Cortex-M0+ (emulated)"
set ylabel "instructions"
plot for [i=0:4] folder."/device.dat" index i using 1:2 with linespoints title columnheader(1)
