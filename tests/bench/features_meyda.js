// All that Meyda can tell of a sound, frame by frame: 1024 samples, 512 new ones each time. Its flux
// throws, so that is left out.
//
//   node features_meyda.js MODULES   then, a line each: "run TICKS" or "values TICKS"
//
// "run" answers with the microseconds of CPU that the frames took, "values" with the figures of the
// last one after so many frames from the beginning. The sound comes first, as base64 of float32.

"use strict";
const path = require("path");
const readline = require("readline");
const Meyda = require(path.join(process.argv[2], "meyda"));

const BLOCK = 512, SIZE = 1024;
Meyda.bufferSize = SIZE;
Meyda.sampleRate = 44100;
Meyda.melBands = 40;
const SHAPE = ["Centroid", "Spread", "Skewness", "Kurtosis", "Flatness", "Rolloff", "Slope", "Crest"];
const WANTED = ["rms", "zcr", "amplitudeSpectrum", "mfcc", "chroma", ...SHAPE.map((it) => "spectral" + it)];

let signal = null, heard = new Float32Array(SIZE), tick = 0, last = null;

function run(ticks) {
  const blocks = signal.length / BLOCK;
  for (let i = 0; i < ticks; i++) {
    const at = (tick++ % blocks) * BLOCK;
    heard.copyWithin(0, BLOCK);
    heard.set(signal.subarray(at, at + BLOCK), SIZE - BLOCK);
    last = Meyda.extract(WANTED, heard);
  }
}

process.stdin.on("end", () => process.exit(0));
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [word, given] = line.split(" ");
  if (word === "sound") {
    const bytes = Buffer.from(given, "base64");
    signal = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    console.log("ready");
    return;
  }
  if (word === "values") {
    heard = new Float32Array(SIZE);
    tick = 0;
    run(Number(given));
    const told = Object.entries(last).filter(([, value]) => typeof value === "number");
    console.log(JSON.stringify(Object.fromEntries(told)));
    return;
  }
  const before = process.cpuUsage();
  run(Number(given));
  const used = process.cpuUsage(before);
  console.log(used.user + used.system);
});
