// The audio-reactive patch in litegraph.js with Meyda. What Meyda has (spectrum, centroid,
// flatness, rolloff) is Meyda's, extracted at once and shared; the rest is plain JavaScript. Meyda's
// own flux throws, and it has no bands.
//
//   node reactive_litegraph.js MODULES   then, a line each: "run TICKS" or "values TICKS"
//
// "run" answers with the microseconds of CPU that the ticks took, "values" with the last values
// after so many ticks from the beginning. The sound comes first, as base64 of float32.

"use strict";
const path = require("path");
const readline = require("readline");
const modules = process.argv[2];
const { LiteGraph, LGraph } = require(path.join(modules, "litegraph.js"));
const Meyda = require(path.join(modules, "meyda"));

const RATE = 44100, BLOCK = 512, SIZE = 1024, DT = BLOCK / RATE;
const BANDS = [[1, 4], [4, 16], [16, 64], [64, 256]];
const EASED = ["centroid", "rolloff", "flux", "band0", "band1", "band2", "band3"];
LiteGraph.debug = false;
Meyda.bufferSize = SIZE;
Meyda.sampleRate = RATE;
const scale = 2 / (SIZE / 2); // so that a full-scale sine reads 1

let signal = null, at = 0;

function type(name, inputs, outputs, run) {
  function Node() {
    for (const each of inputs) this.addInput(each);
    for (const each of outputs) this.addOutput(each);
  }
  Node.title = name;
  Node.prototype.onExecute = run;
  LiteGraph.registerNodeType("bench/" + name, Node);
}

type("source", [], ["audio"], function () {
  this.setOutputData(0, signal.subarray(at, at + BLOCK));
});
type("fft", ["audio"], ["analysis"], function () {
  const block = this.getInputData(0);
  if (!this.heard) this.heard = new Float32Array(SIZE);
  this.heard.copyWithin(0, BLOCK);
  this.heard.set(block, SIZE - BLOCK);
  const wanted = ["amplitudeSpectrum", "spectralCentroid", "spectralFlatness", "spectralRolloff"];
  this.setOutputData(0, Meyda.extract(wanted, this.heard));
});
type("rms", ["audio"], ["out"], function () {
  const block = this.getInputData(0);
  let sum = 0;
  for (let i = 0; i < block.length; i++) sum += block[i] * block[i];
  this.setOutputData(0, Math.sqrt(sum / block.length));
});
type("centroid", ["analysis"], ["out"], function () {
  this.setOutputData(0, this.getInputData(0).spectralCentroid);
});
type("flatness", ["analysis"], ["out"], function () {
  this.setOutputData(0, this.getInputData(0).spectralFlatness);
});
type("rolloff", ["analysis"], ["out"], function () {
  this.setOutputData(0, this.getInputData(0).spectralRolloff * (2 * (SIZE / 2 - 1)) / RATE);
});
type("flux", ["analysis"], ["out"], function () {
  const m = this.getInputData(0).amplitudeSpectrum;
  let sum = 0;
  if (this.before) {
    for (let i = 0; i < m.length; i++) {
      const rise = m[i] - this.before[i];
      if (rise > 0) sum += rise;
    }
  }
  this.before = m;
  this.setOutputData(0, sum * scale);
});
type("band", ["analysis"], ["out"], function () {
  const m = this.getInputData(0).amplitudeSpectrum;
  const [first, end] = this.properties.ends;
  let sum = 0;
  for (let i = first; i < end; i++) sum += m[i];
  this.setOutputData(0, (sum * scale) / (end - first));
});
type("normalise", ["value"], ["out"], function () {
  const value = this.getInputData(0);
  if (this.low === undefined) {
    this.low = this.high = value;
    this.seen = 0;
  }
  const kept = (Math.exp(-DT / 15) * this.seen) / (this.seen + DT);
  this.seen += DT;
  this.low = Math.min(value, value + (this.low - value) * kept);
  this.high = Math.max(value, value + (this.high - value) * kept);
  const out = (value - this.low) / Math.max(this.high - this.low, 0.05);
  this.setOutputData(0, Math.max(0, Math.min(1, out)));
});
type("ease", ["value"], ["out"], function () {
  let value = this.getInputData(0);
  if (this.state !== undefined) {
    const distance = value - this.state;
    value -= distance * Math.exp(-DT / (distance > 0 ? 0.02 : 0.3));
  }
  this.state = value;
  this.setOutputData(0, value);
});
type("onset", ["value"], ["rise"], function () {
  const on = this.getInputData(0) >= (this.on ? 0.4 : 0.5);
  this.wait = Math.max(0, (this.wait || 0) - DT);
  const rise = on && !this.on && this.wait <= 1e-9;
  if (rise) this.wait = 0.1;
  this.on = on;
  this.setOutputData(0, rise);
});
type("lerp", ["a", "b", "x"], ["out"], function () {
  const a = this.getInputData(0), b = this.getInputData(1);
  const x = Math.max(0, Math.min(1, this.getInputData(2)));
  this.setOutputData(0, a + (b - a) * x);
});
type("add", ["a", "b"], ["out"], function () {
  this.setOutputData(0, this.getInputData(0) + this.getInputData(1));
});
const round = (value) => Math.round(value * 1e4) / 1e4;
const hold = (value, low, high) => Math.max(low, Math.min(high, value));
type("scope", ["noise", "vace", "bias", "steps", "reset"], [], function () {
  const wishes = {
    noise_scale: round(hold(this.getInputData(0), 0, 1)),
    vace_context_scale: round(hold(this.getInputData(1), 0, 2)),
    kv_cache_attention_bias: round(hold(this.getInputData(2), 0.01, 1)),
    denoising_step_list: 1 + Math.round(hold(this.getInputData(3) - 1, 0, 5)),
  };
  const body = {}, sent = this.sent || {};
  for (const name in wishes) if (sent[name] !== wishes[name]) body[name] = wishes[name];
  if (this.getInputData(4)) body.reset_cache = true;
  this.sent = wishes;
  this.message = body;
});

function build() {
  const graph = new LGraph(), nodes = {};
  const add = (id, kind, ...inputs) => {
    const node = (nodes[id] = LiteGraph.createNode("bench/" + kind));
    graph.add(node);
    inputs.forEach((from, i) => nodes[from].connect(0, node, i));
    return node;
  };
  add("source", "source");
  add("fft", "fft", "source");
  add("rms", "rms", "source");
  for (const id of ["centroid", "flatness", "rolloff", "flux"]) add(id, id, "fft");
  BANDS.forEach((ends, i) => { add("band" + i, "band", "fft").properties.ends = ends; });
  for (const id of EASED) add("norm_" + id, "normalise", id);
  for (const id of EASED) add("ease_" + id, "ease", "norm_" + id);
  add("onset", "onset", "norm_flux");
  add("low", "lerp", "ease_band0", "ease_band1", "ease_centroid");
  add("high", "lerp", "ease_band2", "ease_band3", "flatness");
  add("sum", "add", "low", "high");
  add("scope", "scope", "sum", "rms", "ease_rolloff", "ease_flux", "onset");
  return { graph, nodes };
}

function run(made, ticks) {
  const blocks = signal.length / BLOCK;
  for (let i = 0; i < ticks; i++) {
    at = (made.tick++ % blocks) * BLOCK;
    made.graph.runStep(1, true);
  }
}

const running = {};
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
    const made = { ...build(), tick: 0 };
    run(made, Number(given));
    const values = {};
    for (const id in made.nodes) {
      const value = made.nodes[id].getOutputData ? made.nodes[id].getOutputData(0) : null;
      if (typeof value === "number") values[id] = value;
    }
    console.log(JSON.stringify(values));
    return;
  }
  const made = running.made || (running.made = { ...build(), tick: 0 });
  const before = process.cpuUsage();
  run(made, Number(given));
  const used = process.cpuUsage(before);
  console.log(used.user + used.system);
});
