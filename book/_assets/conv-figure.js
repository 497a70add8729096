// <conv-figure>: a convolution to take hold of. A classic script, because a module does not load from file://.
//
// First the arithmetic, plain functions that the tests compare with convolution.reference; then what touches what; then
// the drawing; last the element. A number is named by a key, "x:c,i,j" (input), "w:filter,c,u,v" (weights of the first
// step), "h:q,i,j" (maps between two steps), "p:o,q" (weights of the second step), "y:o,i,j" (output).
(() => {
  "use strict";

  // ---------------------------------------------------------------- the numbers

  // The example of chapters 02 to 05, (C, H, W), (O, C, kH, kW) + 2 and (O, C) + 2; what goes beyond is made up.
  const SIZE = 6;
  const IMAGE = "265075922187200613227740741559010730085674859908360043860251729878178607491652775059343605212925000355527108";
  const WEIGHT = "324211114144044412424131021224010032334342143344441124";
  const MIX = "413235"; // chapters 04 and 05
  const WINDOW = [[1, 0, -1], [2, 0, -2], [0, 1, 0]]; // chapter 01's kernel

  const BOUNDS = {C: [1, 4], O: [1, 4], k: [1, 5], s: [1, 3], p: [0, 2], d: [1, 3], m: [1, 2]};
  const START = {mode: "regular", C: 3, O: 2, k: 3, s: 1, p: 0, d: 1, m: 1};
  // This table and KINDS are JSON on one line: book/_ext/conv_figure.py reads there which modes and kinds there are.
  const MODES = {"regular": "regular", "depthwise": "depthwise", "pointwise": "pointwise", "separable": "depthwise, then pointwise"};

  const range = (n) => [...Array(n).keys()];
  const pixel = (c, i, j) => (c < 3 ? +IMAGE[(c * 6 + i) * 6 + j] : (c * 29 + i * 7 + j * 13 + i * j * 5) % 10);
  const weightAt = (o, c, u, v) =>
    (o < 2 && c < 3 && u < 3 && v < 3 ? +WEIGHT[((o * 3 + c) * 3 + u) * 3 + v] : (o * 7 + c * 5 + u * 3 + v * 11 + u * v * 2) % 5) - 2;
  const mixAt = (o, q) => (o < 2 && q < 3 ? +MIX[o * 3 + q] : (o * 3 + q * 7 + o * q + 1) % 5) - 2;

  const outputSize = (size, {k, s, p, d}) => {
    const room = size + 2 * p - (d * (k - 1) + 1);
    return room < 0 ? 0 : Math.floor(room / s) + 1;
  };

  // One step: x [c][i][j], weight [filter][channel of its own][u][v]; of(filter) lists the channels that it reads.
  const convolve = (x, weight, of, geometry) => {
    const size = outputSize(x[0].length, geometry);
    const {s, p, d} = geometry;
    return weight.map((kernels, o) => range(size).map((i) => range(size).map((j) => {
      let sum = 0;
      of(o).forEach((c, own) => kernels[own].forEach((row, u) => row.forEach((one, v) => {
        sum += one * (x[c][i * s + u * d - p]?.[j * s + v * d - p] ?? 0);
      })));
      return sum;
    })));
  };

  const common = (a, b) => (b ? common(b, a % b) : a);

  // Everything about one layer: shapes, values, counts.
  // kernel: instead of the example's; input: maps [c][i][j] instead of the image.
  const compute = (given, {kernel, input} = {}) => {
    const {mode, C, O, k, s, p, d, m} = {...START, ...given};
    const point = mode === "pointwise", split = mode === "depthwise" || mode === "separable";
    const geometry = point ? {k: 1, s: 1, p: 0, d: 1} : {k, s, p, d};
    const times = split ? m : 1;
    const x = input?.slice(0, C) ?? range(C).map((c) => range(SIZE).map((i) => range(SIZE).map((j) => pixel(c, i, j))));
    const rows = x[0].length, size = outputSize(rows, geometry);
    const filters = split ? C * times : O;
    const of = (o) => (split ? [Math.floor(o / times)] : range(C));
    const taps = range(geometry.k);
    const value = (o, c, u, v) => {
      if (point) return mixAt(o, c);
      if (kernel) return kernel[u]?.[v] ?? weightAt(o, c, u, v);
      return split ? weightAt(o % times, c, u, v) : weightAt(o, c, u, v);
    };
    const w = range(filters).map((o) => of(o).map((c) => taps.map((u) => taps.map((v) => value(o, c, u, v)))));
    const first = convolve(x, w, of, geometry);
    const mix = mode === "separable" ? range(O).map((o) => range(filters).map((q) => mixAt(o, q))) : null;
    const y = mix ? convolve(first, mix.map((row) => row.map((one) => [[one]])), () => range(filters), {k: 1, s: 1, p: 0, d: 1}) : first;

    const kk = geometry.k * geometry.k, pixels = size * size;
    const held = filters * (split ? 1 : C) * kk, mixed = mix ? O * filters : 0;
    const weights = held + mixed;
    const moved = [C * rows * rows, held, filters * pixels, ...(mix ? [filters * pixels, mixed, O * pixels] : [])];
    // Against a regular layer from the same input to an output of the same shape.
    const outputs = mix ? O : filters;
    const regular = outputs * C * (point ? 1 : k * k);
    const shrink = common(weights, regular);
    return {
      mode, C, O: outputs, rows, k: geometry.k, s: geometry.s, p: geometry.p, d: geometry.d, m: times, filters, size, split, point,
      x, w, mix, between: mix ? first : null, y, of: (o) => of(o), held, mixed, weights, regular,
      macs: weights * pixels, bytes: 4 * moved.reduce((sum, one) => sum + one, 0), moved,
      ratio: [weights / shrink, regular / shrink], shape: [outputs, size, size],
    };
  };

  // What the cost calculator draws. The output has as many rows and columns as the input: stride 1, padded.
  const costs = ({C, O, k, H, W}) => {
    const pixels = H * W;
    const one = (weights, read, written) => ({weights, macs: weights * pixels, bytes: 4 * (read * pixels + weights + written * pixels)});
    const regular = one(O * C * k * k, C, O), depthwise = one(C * k * k, C, C), pointwise = one(O * C, C, O);
    const both = Object.fromEntries(Object.keys(regular).map((name) => [name, depthwise[name] + pointwise[name]]));
    return {regular, depthwise, pointwise, both};
  };

  // ---------------------------------------------------------------- what touches what

  // The first step's window: for each product its weight, its input (or the padding), and both values.
  const products = (f, o, i, j) => f.of(o).map((c, own) => {
    const list = [];
    for (const u of range(f.k)) for (const v of range(f.k)) {
      const row = i * f.s + u * f.d - f.p, column = j * f.s + v * f.d - f.p;
      const inside = row >= 0 && column >= 0 && row < f.rows && column < f.rows;
      list.push({
        weight: `w:${o},${c},${u},${v}`, input: `${inside ? "x" : "pad"}:${c},${row},${column}`, inside,
        a: inside ? f.x[c][row][column] : 0, b: f.w[o][own][u][v],
      });
    }
    return {c, list, sum: list.reduce((sum, {a, b}) => sum + a * b, 0)};
  });

  const everyPixel = (f, visit) => { for (const i of range(f.size)) for (const j of range(f.size)) visit(i, j); };

  const touched = (f, choice) => {
    const keys = new Set();
    const one = (o, i, j) => {
      keys.add(`${f.mix ? "h" : "y"}:${o},${i},${j}`);
      for (const {list} of products(f, o, i, j)) for (const each of list) keys.add(each.weight).add(each.input);
    };
    const output = (o, i, j) => {
      if (!f.mix) return one(o, i, j);
      keys.add(`y:${o},${i},${j}`);
      for (const q of range(f.filters)) { keys.add(`p:${o},${q}`); one(q, i, j); }
    };
    if (choice.look === "output") output(choice.o, choice.i, choice.j);
    else if (choice.look === "whole") for (const o of range(f.O)) everyPixel(f, (i, j) => output(o, i, j));
    else {
      const [part, indices] = choice.weight.split(":"), [o, c, u, v] = indices.split(",").map(Number);
      keys.add(choice.weight);
      everyPixel(f, (i, j) => {
        if (part === "p") return keys.add(`h:${c},${i},${j}`).add(`y:${o},${i},${j}`);
        keys.add(`${f.mix ? "h" : "y"}:${o},${i},${j}`);
        keys.add(products(f, o, i, j).find((channel) => channel.c === c).list[u * f.k + v].input);
        if (f.mix) for (const other of range(f.O)) keys.add(`y:${other},${i},${j}`);
      });
    }
    return keys;
  };

  // All weights in the order in which the next-map button and the arrows go through them.
  const weightKeys = (f) => [
    ...f.w.flatMap((kernels, o) => f.of(o).flatMap((c) => range(f.k).flatMap((u) => range(f.k).map((v) => `w:${o},${c},${u},${v}`)))),
    ...(f.mix ?? []).flatMap((row, o) => row.map((_, q) => `p:${o},${q}`)),
  ];

  // ---------------------------------------------------------------- words

  const sign = (value) => String(value).replace("-", "−");
  const factor = (value) => (value < 0 ? `(${sign(value)})` : String(value));
  const many = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
  const share = ([a, b]) => (b === 1 ? String(a) : `${a}/${b}`);

  const say = (f, choice) => {
    if (choice.look === "whole") {
      const sum = f.mix ? ` (${f.held} in the first step, ${f.mixed} in the second)` : "";
      return `The whole output: ${many(f.O * f.size * f.size, "number")}, made with ${many(f.weights, "weight")}${sum} and ${many(f.macs, "MAC")}.`;
    }
    if (choice.look === "weight") {
      const [part, indices] = choice.weight.split(":"), [o, c, u, v] = indices.split(",").map(Number);
      const served = f.size * f.size;
      if (part === "p") return `Second step, filter ${o}, its weight for map ${c}: ${sign(f.mix[o][c])}. It serves ${many(served, "output")}: all of output map ${o}.`;
      const own = f.of(o).indexOf(c), value = sign(f.w[o][own][u][v]);
      const where = f.split ? `kernel ${o}, row ${u}, column ${v}` : `filter ${o}, channel ${c}, row ${u}, column ${v}`;
      if (f.mix) return `First step, ${where}: ${value}. It serves ${many(served, "number")} of map ${o}, and through them all ${many(served * f.O, "output")}.`;
      return `The weight at ${where}: ${value}. It serves ${many(served, "output")}: all of output map ${o}, and no other.`;
    }
    const {o, i, j} = choice;
    const used = touched(f, choice);
    const count = (part) => [...used].filter((key) => key.startsWith(part + ":")).length;
    const padding = count("pad") ? ` and ${many(count("pad"), "padding zero")}` : "";
    const weights = f.mix ? `${count("w")} + ${count("p")} weights` : many(count("w"), "weight");
    return `Output map ${o}, row ${i}, column ${j}: ${sign(f.y[o][i][j])}. It takes ${many(count("x"), "input")}${padding} and ${weights}.`;
  };

  const formulas = (f) => {
    const kk = `${f.k}·${f.k}`, pixels = `${f.size}·${f.size}`;
    const first = f.split ? `${f.C}·${f.m > 1 ? f.m + "·" : ""}${kk}` : f.point ? `${f.O}·${f.C}` : `${f.O}·${f.C}·${kk}`;
    const weights = f.mix ? `${first} + ${f.O}·${f.filters}` : first;
    const letters = f.mix ? `C·${f.m > 1 ? "m·" : ""}k·k + O·C${f.m > 1 ? "·m" : ""}` : f.split ? `C·${f.m > 1 ? "m·" : ""}k·k` : f.point ? "O·C" : "O·C·k·k";
    return [
      ["weights", letters, weights, f.weights],
      ["MACs", "H_out·W_out·weights", `${pixels}·${f.mix ? `(${weights})` : f.weights}`, f.macs],
      ["least bytes", f.mix ? "4·(both steps: read + weights + written)" : "4·(read + weights + written)", `4·(${f.moved.join(" + ")})`, f.bytes],
      ["weights against a regular layer of this shape", f.mix ? `${f.m > 1 ? "m" : "1"}/O + ${f.m > 1 ? "m" : "1"}/(k·k)` : "weights / regular weights",
        f.mix ? `${f.m}/${f.O} + ${f.m}/${f.k * f.k}` : `${f.weights}/${f.regular}`, f.ratio[1] === 1 ? share(f.ratio) : `${share(f.ratio)} ≈ ${(f.ratio[0] / f.ratio[1]).toFixed(2)}`],
    ];
  };

  // ---------------------------------------------------------------- the drawing

  const LEAN = 0.26, FLAT = 0.74; // a map lies on its back: how far a row leans, how high it looks
  const SEEN = 3; // rows of a map that the next one leaves uncovered; one more in the stacked output, all of a map of 4
  const wide = (columns, rows) => columns + rows * LEAN;

  const TITLE = 0.95, HEAD = 0.3; // room for a map's title, and for a block's headings; 14 pixels come on top
  const high = (rows) => rows * FLAT + TITLE;

  // Where the maps stand, in cell units: {part, rows, columns, x, y, key(i, j), value(i, j), tone, title}. They are put
  // from left to right, in blocks that stand below each other; on a narrow screen there is more than one.
  class Layout {
    constructor(f, narrow, phase) {
      Object.assign(this, {f, narrow, together: phase === 0, stacked: phase === 3});
      this.maps = [];
      this.gap = narrow ? 0.45 : 0.8;
      this.whole = f.rows + 2 * f.p; // rows of the input with its padding
      const perChannel = f.split ? f.m : 1, beside = f.split ? Math.max(f.size, f.k) : f.k;
      this.step = this.together && f.split ? SEEN * FLAT : Math.max(high(this.whole), perChannel * high(beside)) + 0.1;
      this.drop = this.step; // from one channel down to the next; in a further block there is less to leave room for
      this.block = {x: 0, y: 0, w: 0, h: 0, heads: []};
      this.blocks = [this.block];
      this.x = 0;
      this.from = 0; // the first map of the block
      this.input();
      if (!this.together && phase !== 1) this.rest();
      this.close();
    }

    rest() {
      const {f, narrow} = this;
      this.weights();
      if (f.mix) {
        if (narrow) { this.nextBlock(); this.drop = f.m * high(f.size) + 0.1; }
        this.outputs("h", f.between, f.filters, "map");
        this.mixing();
      }
      if (narrow && !f.mix && !f.split) this.outputRows();
      else this.outputs("y", f.y, f.O, "map");
    }

    put(map) { this.maps.push(map); }

    top(c) { return HEAD + c * this.drop; }

    heading(text, start, end) {
      this.block.heads.push({text: this.narrow ? text.replaceAll(" × ", "×") : text, x: (start + end) / 2});
    }

    close() {
      const own = this.maps.slice(this.from);
      this.block.w = Math.max(...own.map((map) => map.x + wide(map.columns, map.rows)));
      this.block.h = Math.max(...own.map((map) => map.y + map.rows * FLAT)) + 0.3;
      own.forEach((map) => { map.block = this.block; });
      this.from = this.maps.length;
    }

    nextBlock() {
      this.close();
      this.block = {heads: []};
      this.blocks.push(this.block);
      this.x = 0;
    }

    input() {
      const {f, whole, together, x} = this;
      const key = (c) => (i, j) => {
        const inside = i >= f.p && j >= f.p && i < f.rows + f.p && j < f.rows + f.p;
        return `${inside ? "x" : "pad"}:${c},${i - f.p},${j - f.p}`;
      };
      for (const c of range(f.C)) this.put({part: "x", rows: whole, columns: whole, x, y: this.top(c) + TITLE,
        tone: `c${c}`, title: together ? "" : `channel ${c}`, key: key(c), value: (i, j) => f.x[c][i - f.p]?.[j - f.p] ?? 0,
        channel: c, seen: together && c < f.C - 1 ? SEEN : Infinity});
      this.heading(`${this.narrow ? "" : "input "}${f.rows} × ${f.rows} × ${f.C}`, x, x + wide(whole, whole));
      this.x += wide(whole, whole) + this.gap;
    }

    // Where a map of some rows is level with the channel that it belongs to; of several in a row, `nth` counts them.
    level(c, rows, nth, pitch) {
      const several = this.f.split && this.f.m > 1;
      const middle = several || this.drop !== this.step ? 0 : (Math.max(0, this.whole - rows) * FLAT) / 2;
      return this.top(c) + TITLE + (nth ? nth * high(pitch) : 0) + middle;
    }

    // The weights of the first step, beside the channel that they meet.
    weights() {
      const {f} = this, across = f.split ? 1 : f.O, one = wide(f.k, f.k);
      if (this.narrow && this.x + across * (one + 0.5) > 24) { this.nextBlock(); this.drop = high(f.k) + 0.1; }
      const start = this.x;
      const title = (o) => (f.split ? `kernel ${o}` : f.k < 2 ? `f${o}` : `filter ${o}`);
      for (const o of range(f.filters)) f.of(o).forEach((c, own) => this.put({part: "w", rows: f.k, columns: f.k,
        x: start + (f.split ? 0 : o * (one + 0.5)), y: this.level(c, f.k, f.split ? o % f.m : 0, Math.max(f.size, f.k)),
        tone: `c${c}`, title: title(o), key: (u, v) => `w:${o},${c},${u},${v}`, value: (u, v) => f.w[o][own][u][v]}));
      this.x += across * one + (across - 1) * 0.5;
      this.heading(f.split ? many(f.filters, "kernel") : many(f.O, "filter"), start, this.x);
      this.x += this.gap;
    }

    // Maps below each other: each level with its channel, all level with all filters, or stacked.
    outputs(part, values, count, name) {
      const {f, stacked, narrow} = this, start = this.x, alone = part === "h" || (f.split && !f.mix);
      const pitch = this.drop === this.step ? Math.max(f.size, f.k) : f.size;
      const centred = narrow && !f.mix ? 0 : (f.C * this.drop - count * (high(f.size) + 0.2)) / 2;
      const at = (o) => (stacked ? HEAD + TITLE + 3 + o * (SEEN + 1) * FLAT : Math.max(HEAD + TITLE,
        alone ? this.level(f.of(o)[0], f.size, o % f.m, pitch) : HEAD + TITLE + o * (high(f.size) + 0.2) + centred));
      for (const o of range(count)) this.put({part, rows: f.size, columns: f.size, x: start, y: at(o),
        tone: alone ? `c${f.of(o)[0]}` : `o${o}`, title: stacked ? "" : `${name} ${o}`, index: o, key: (i, j) => `${part}:${o},${i},${j}`,
        value: (i, j) => values[o][i][j], stacked, seen: stacked && o < count - 1 ? SEEN + 1 : Infinity});
      this.x = start + wide(f.size, f.size);
      this.heading(`${narrow ? "" : part === "h" ? "maps " : "output "}${f.size} × ${f.size} × ${count}`, start, this.x);
      this.x += this.gap;
    }

    // The weights of the second step, beside the map that they meet.
    mixing() {
      const {f} = this, start = this.x;
      for (const o of range(f.O)) for (const q of range(f.filters)) {
        const beside = this.maps.find((map) => map.part === "h" && map.index === q);
        this.put({part: "p", rows: 1, columns: 1, x: start + o * 1.75, y: beside.y + ((f.size - 1) * FLAT) / 2,
          tone: `o${o}`, title: q ? "" : `f${o}`, key: () => `p:${o},${q}`, value: () => f.mix[o][q]});
      }
      this.x = start + (f.O - 1) * 1.75 + wide(1, 1);
      this.heading("1 × 1", start, this.x);
      this.x += this.gap;
    }

    // On a narrow screen: a block of the output's maps, side by side as far as there is room.
    outputRows() {
      const {f} = this, one = wide(f.size, f.size) + 0.5, perRow = Math.max(1, Math.min(f.O, Math.floor(19 / one)));
      this.nextBlock();
      for (const o of range(f.O)) this.put({part: "y", rows: f.size, columns: f.size, x: (o % perRow) * one,
        y: HEAD + TITLE + Math.floor(o / perRow) * (high(f.size) + 0.2), tone: `o${o}`, title: `map ${o}`,
        key: (i, j) => `y:${o},${i},${j}`, value: (i, j) => f.y[o][i][j]});
      this.heading(`output ${f.size} × ${f.size} × ${f.O}`, 0, perRow * one - 0.5);
    }
  }

  const escape = (text) => text.replace(/[&<>"]/g, (sign) => ({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})[sign]);
  const at = (map, i, j) => [(map.left + (j + (map.rows - i) * LEAN) * map.cell).toFixed(1), (map.top + i * FLAT * map.cell).toFixed(1)];
  const slab = (map, i, j, rows, columns) => `M${at(map, i, j)}L${at(map, i, j + columns)}L${at(map, i + rows, j + columns)}L${at(map, i + rows, j)}Z`;

  const draw = (f, room, phase) => {
    const narrow = room < 560;
    const {maps, blocks} = new Layout(f, narrow, phase);
    let down = 0;
    for (const block of blocks) {
      block.cell = Math.min(narrow ? 25 : 29, room / (block.w + 0.1));
      block.left = (room - block.w * block.cell) / 2;
      block.top = down + 14;
      down += block.h * block.cell + (narrow ? 24 : 16);
    }
    const body = [];
    for (const {heads, left, top, cell} of blocks) for (const {text, x} of heads)
      body.push(`<text class="cf-head" x="${Math.min(left + x * cell, room - text.length * 3.6).toFixed(1)}" y="${(top - 1).toFixed(1)}">${escape(text)}</text>`);
    for (const map of maps) {
      map.cell = map.block.cell;
      map.left = map.block.left + map.x * map.cell;
      map.top = map.block.top + map.y * map.cell;
      const size = Math.min(15, map.cell * 0.5), cells = [];
      for (const i of range(map.rows)) for (const j of range(map.columns)) {
        const key = map.key(i, j), [x, y] = at(map, i + 0.5, j + 0.5);
        const value = i >= map.seen ? "" : sign(map.value(i, j)); // half a number is no number
        cells.push(`<g class="cf-cell" data-key="${key}" data-part="${key.split(":")[0]}"><path d="${slab(map, i, j, 1, 1)}"/>` +
          `<text x="${x}" y="${y}" dy=".36em" font-size="${(value.length > 2 ? size * 0.82 : size).toFixed(1)}">${value}</text></g>`);
      }
      const frame = map.part === "x" ? `<path class="cf-frame" data-channel="${map.channel}"/>` : "";
      const [x, y] = at(map, 0, 0);
      body.push(`<g class="cf-map cf-${map.tone}${map.stacked ? " cf-stacked" : ""}"><path class="cf-slab" d="${slab(map, 0, 0, map.rows, map.columns)}"/>` +
        `<text class="cf-title" x="${x}" y="${(y - 4).toFixed(1)}" font-size="${Math.max(9, Math.min(12, map.cell * 0.6)).toFixed(1)}">${map.title}</text>${cells.join("")}${frame}</g>`);
    }
    const height = Math.ceil(down + 4);
    return {maps, svg: `<svg viewBox="0 0 ${room} ${height}" width="${room}" height="${height}" aria-hidden="true">${body.join("")}</svg>`};
  };

  // ---------------------------------------------------------------- the element

  let made = 0;
  const KINDS = {"figure": {}, "window": {"C": 1, "O": 1}, "split": {"mode": "depthwise"}, "matrix": {"mode": "pointwise"}, "cost": {}};
  // Chapter 01 has a kernel of its own; chapter 04 reads what chapter 03's layer wrote.
  const given = (kind) => ({kernel: kind === "window" ? WINDOW : null, input: kind === "matrix" ? compute({mode: "depthwise", C: 4}).y : null});
  const SLIDERS = {C: "input channels C", O: "output channels O", k: "kernel k × k", s: "stride", p: "padding", d: "dilation", m: "multiplier m"};
  const COST_SLIDERS = {C: ["input channels C", 1, 512], O: ["output channels O", 1, 512], k: ["kernel k × k", 1, 9], H: ["rows H", 1, 224], W: ["columns W", 1, 224]};
  const NOT_YET = ["One image, 6 × 6 × 3: its three channels lie on each other.", "Split: three channels, each by itself."];
  const PHASES = ["1 the input", "2 split", "3 convolve each", "4 stack"];

  const radios = (name, legend, choices, chosen) =>
    `<fieldset class="cf-choice cf-${legend.replace(/\W/g, "")}"><legend>${legend}</legend><div>` + Object.entries(choices).map(([value, text]) =>
      `<label><input type="radio" name="${name}" value="${value}"${value === String(chosen) ? " checked" : ""}><span>${text}</span></label>`).join("") + "</div></fieldset>";
  const slider = (name, text, least, most, value) =>
    `<label class="cf-slider" data-for="${name}"><span>${text}</span><span class="cf-now">${value}</span><input type="range" data-setting="${name}" min="${least}" max="${most}" value="${value}" aria-label="${text}"></label>`;

  const STAGE = `<div class="cf-stage" tabindex="0" role="application" aria-label="The figure. Arrow keys move the choice, Page Up and Page Down change the map."></div>
        <div class="cf-steps"><button type="button" data-move="left" aria-label="one to the left">←</button><button type="button" data-move="up" aria-label="one up">↑</button
        ><button type="button" data-move="down" aria-label="one down">↓</button><button type="button" data-move="right" aria-label="one to the right">→</button
        ><button type="button" data-move="next" class="cf-next">next map</button></div>
        <p class="cf-said" aria-live="polite"></p><div class="cf-sum"></div><table class="cf-costs"><caption>What this layer costs</caption><tbody></tbody></table>`;

  const cellAt = (element) => element?.closest?.(".cf-cell");

  class ConvFigure extends HTMLElement {
    connectedCallback() {
      if (this.live) return;
      this.kind = this.getAttribute("kind") ?? "figure";
      this.name = `conv-figure-${++made}`;
      // What is drawn directly before is this figure's still: for paper, and for readers without scripts.
      this.previousElementSibling?.classList.add("cf-still");
      this.live = document.createElement("div");
      this.live.className = "cf-live";
      this.append(this.live);
      if (this.kind === "cost") this.openCosts();
      else this.openFigure();
    }

    disconnectedCallback() { this.watcher?.disconnect(); clearTimeout(this.rest); }

    // -------------------------------------------------------------- the cost calculator

    openCosts() {
      this.settings = {C: 32, O: 64, k: 3, H: 28, W: 28};
      this.live.innerHTML = `<div class="cf-sliders">${Object.entries(COST_SLIDERS).map(([name, [text, least, most]]) =>
        slider(name, text, least, most, this.settings[name])).join("")}</div><div class="cf-bars"></div>
        <p class="cf-key"><span class="cf-regular">regular</span> <span class="cf-depthwise">depthwise</span> <span class="cf-pointwise">pointwise</span></p>
        <p class="cf-said" aria-live="polite"></p>`;
      this.live.addEventListener("input", ({target}) => {
        this.settings[target.dataset.setting] = +target.value;
        target.previousElementSibling.textContent = target.value;
        this.showCosts();
      });
      this.showCosts();
    }

    showCosts() {
      const {C, O, k, H, W} = this.settings, cost = costs(this.settings);
      const filled = {
        weights: [`${O}·${C}·${k}·${k}`, `${C}·${k}·${k} + ${O}·${C}`],
        macs: [`${H}·${W}·${cost.regular.weights}`, `${H}·${W}·(${cost.depthwise.weights} + ${cost.pointwise.weights})`],
        bytes: [`4·(${C}·${H}·${W} + ${cost.regular.weights} + ${O}·${H}·${W})`, `4·(${C}·${H}·${W} + ${cost.depthwise.weights} + 2·${C}·${H}·${W} + ${cost.pointwise.weights} + ${O}·${H}·${W})`],
      };
      this.live.querySelector(".cf-bars").innerHTML = Object.entries({weights: "weights", macs: "MACs", bytes: "least bytes"}).map(([name, text]) => {
        const most = Math.max(cost.regular[name], cost.both[name]);
        const part = (kind) => `<i class="cf-${kind}" style="width:${(100 * cost[kind][name]) / most}%"></i>`;
        const row = (title, bars, total, formula) => `<div class="cf-row"><span class="cf-name">${title}</span><span class="cf-bar">${bars}</span>` +
          `<span class="cf-total" data-cost="${name}-${title}">${total.toLocaleString("en")}</span><span class="cf-formula">${formula}</span></div>`;
        return `<div class="cf-cost"><p class="cf-what">${text}</p>${row("regular", part("regular"), cost.regular[name], filled[name][0])}` +
          `${row("pair", part("depthwise") + part("pointwise"), cost.both[name], filled[name][1])}</div>`;
      }).join("");
      const shrink = common(cost.both.weights, cost.regular.weights);
      this.say(`The pair holds ${share([cost.both.weights / shrink, cost.regular.weights / shrink])} of the regular layer's weights: ` +
        `1/${O} + 1/${k * k} ≈ ${(cost.both.weights / cost.regular.weights).toFixed(3)}. The MACs have the same ratio; the bytes have ${(cost.both.bytes / cost.regular.bytes).toFixed(3)}.`);
    }

    // -------------------------------------------------------------- the figure

    openFigure() {
      this.settings = {...START, ...KINDS[this.kind]};
      if (MODES[this.getAttribute("mode")] && this.kind === "figure") this.settings.mode = this.getAttribute("mode");
      this.choice = {look: "output", o: 0, i: 0, j: 0, weight: "w:0,0,0,0"};
      this.phase = this.kind === "split" ? 0 : undefined;
      this.live.innerHTML = this.choices() + STAGE + this.sliders();
      this.stage = this.live.querySelector(".cf-stage");
      this.hearControls();
      this.hearStage();
      this.hearDrags();
      this.build();
      this.watcher = new ResizeObserver(() => { if (Math.abs(this.stage.clientWidth - this.room) > 1) this.build(); });
      this.watcher.observe(this.stage);
    }

    choices() {
      return (this.kind === "figure" ? radios(`${this.name}-mode`, "layer", MODES, this.settings.mode) : "") +
        (this.kind === "split" ? radios(`${this.name}-phase`, "step", PHASES, 0) : "") +
        radios(`${this.name}-look`, "light up", {output: "one output", weight: "one weight", whole: "the whole output"}, "output");
    }

    sliders() {
      const names = {window: ["k", "s", "p", "d"], figure: Object.keys(SLIDERS), matrix: ["C", "O"]}[this.kind];
      return names ? `<details class="cf-change"${this.kind === "window" ? " open" : ""}><summary>Change the layer</summary><div class="cf-sliders">${names.map((name) =>
        slider(name, SLIDERS[name], ...BOUNDS[name], this.settings[name])).join("")}</div></details>` : "";
    }

    hearControls() {
      this.live.addEventListener("change", ({target}) => {
        if (target.type !== "radio") return;
        if (target.name.endsWith("-look")) this.choose({look: target.value});
        else if (target.name.endsWith("-mode")) this.set({mode: target.value});
        else { this.phase = +target.value; this.build(); }
      });
      this.live.addEventListener("input", ({target}) => {
        if (target.dataset.setting) this.set({[target.dataset.setting]: +target.value});
      });
      this.live.addEventListener("click", ({target}) => { if (target.dataset.move) this.move(target.dataset.move); });
    }

    hearStage() {
      this.stage.addEventListener("keydown", (event) => {
        const move = {ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", PageDown: "next", PageUp: "back", Home: "home", End: "end"}[event.key];
        if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        this.move(move);
      });
      this.stage.addEventListener("click", ({target}) => { if (cellAt(target)) this.point(cellAt(target).dataset.key); });
    }

    // A click chooses. What is lit in the input, and the chosen output, can be dragged; a mouse drags from anywhere. A
    // finger that starts elsewhere scrolls the page.
    hearDrags() {
      const inWindow = (cell) => cell.matches('.cf-lit[data-part="x"]') && this.choice.look === "output";
      // Chromium asks the whole <svg> for its touch-action, not a shape in it, so scrolling is stopped here.
      this.stage.addEventListener("touchstart", (event) => {
        const cell = cellAt(event.target);
        if (cell && (inWindow(cell) || cell.matches(".cf-chosen"))) event.preventDefault();
      }, {passive: false});
      this.stage.addEventListener("pointerdown", (event) => {
        const cell = cellAt(event.target);
        if (!cell || event.button !== 0) return;
        const window = inWindow(cell);
        if (event.pointerType !== "mouse" && !window && !cell.matches(".cf-chosen")) return;
        const {i, j} = this.choice;
        this.held = {key: cell.dataset.key, from: window ? {i, j} : null};
        if (!window) this.point(cell.dataset.key);
      });
      this.stage.addEventListener("pointermove", (event) => { if (event.buttons) this.drag(event); else this.held = null; });
      this.stage.addEventListener("pointerup", (event) => this.drag(event)); // the last move may have been left out
      for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) this.stage.addEventListener(name, () => { this.held = null; });
    }

    // A window follows the pointer by as many steps as it moved; any other cell is chosen where the pointer is.
    drag(event) {
      if (!this.held) return;
      const key = cellAt(document.elementFromPoint(event.clientX, event.clientY))?.dataset.key;
      if (!key || !this.stage.querySelector(`[data-key="${key}"]`)) return;
      const {key: start, from} = this.held, [, b, c] = key.split(":")[1].split(",").map(Number);
      const image = (name) => "xp".includes(name[0]) && !name.startsWith("p:");
      if (from && image(key)) {
        const [, row, column] = start.split(":")[1].split(",").map(Number), f = this.layer;
        const near = (old, steps) => Math.max(0, Math.min(f.size - 1, old + Math.round(steps / f.s)));
        this.choose({i: near(from.i, b - row), j: near(from.j, c - column)});
      } else if (!from && (key[0] === start[0] || (image(key) && image(start)))) this.point(key);
    }

    // A layer that no window fits is refused in words, and the slider goes back.
    set(changes) {
      const settings = {...this.settings, ...changes};
      const f = compute(settings, given(this.kind));
      if (f.size < 1) {
        this.showSettings();
        return this.say(`No window fits: a kernel of ${settings.k} with dilation ${settings.d} is wider than ${SIZE} rows with padding ${settings.p}.`);
      }
      this.settings = settings;
      this.build();
    }

    build() {
      this.layer = compute(this.settings, given(this.kind));
      const f = this.layer, choice = this.choice;
      choice.o = Math.min(choice.o, f.O - 1);
      choice.i = Math.min(choice.i, f.size - 1);
      choice.j = Math.min(choice.j, f.size - 1);
      if (!weightKeys(f).includes(choice.weight)) choice.weight = "w:0,0,0,0";
      this.room = this.stage.clientWidth || 640;
      const {maps, svg} = draw(f, Math.floor(this.room), this.phase);
      this.maps = maps;
      this.stage.innerHTML = svg;
      this.cells = [...this.stage.querySelectorAll(".cf-cell")];
      this.showSettings();
      this.live.querySelector(".cf-costs tbody").innerHTML = formulas(f).map(([name, letters, filled, value]) =>
        `<tr><th scope="row">${name}</th><td class="cf-letters">${letters.replaceAll("_out", "<sub>out</sub>")}</td><td class="cf-filled">${filled}</td><td class="cf-value">${typeof value === "number" ? value.toLocaleString("en") : value}</td></tr>`).join("");
      this.show();
    }

    showSettings() {
      const unused = {pointwise: "kspdm", depthwise: "O", regular: "m", separable: ""}[this.settings.mode];
      for (const label of this.live.querySelectorAll("[data-for]")) {
        const input = label.querySelector("input");
        input.value = this.settings[label.dataset.for];
        label.querySelector(".cf-now").textContent = input.value;
        input.disabled = unused.includes(label.dataset.for);
      }
    }

    choose(changes) { Object.assign(this.choice, changes); this.show(); }

    point(key) {
      const [part, indices] = key.split(":"), [a, b, c] = indices.split(",").map(Number), f = this.layer;
      if (part === "y") return this.choose({look: "output", o: a, i: b, j: c});
      if (part === "h") return this.choose({look: "output", i: b, j: c});
      if (part === "w" || part === "p") return this.choose({look: "weight", weight: key});
      // The window's middle goes to the pixel.
      const middle = (f.d * (f.k - 1)) / 2, near = (pixel) => Math.max(0, Math.min(f.size - 1, Math.round((pixel + f.p - middle) / f.s)));
      const o = f.split && !f.mix && Math.floor(this.choice.o / f.m) !== a ? a * f.m : this.choice.o;
      this.choose({look: "output", o, i: near(b), j: near(c)});
    }

    move(way) {
      const f = this.layer, choice = this.choice;
      if (choice.look === "whole") return this.choose({look: "output"});
      const [down, right] = {up: [-1, 0], down: [1, 0], left: [0, -1], right: [0, 1]}[way] ?? [0, 0];
      const clamp = (value, size) => Math.max(0, Math.min(size - 1, value));
      const turn = {next: 1, back: -1}[way];
      if (choice.look === "output") {
        if (turn) return this.choose({o: (choice.o + turn + f.O) % f.O});
        const j = way === "home" ? 0 : way === "end" ? f.size - 1 : clamp(choice.j + right, f.size);
        return this.choose({i: clamp(choice.i + down, f.size), j});
      }
      const keys = weightKeys(f), [part, indices] = choice.weight.split(":"), [o, c, u, v] = indices.split(",").map(Number);
      if (turn) {
        // On to the next kernel, at the same place in it.
        const tap = part === "w" ? `${u},${v}` : "0,0";
        const stops = keys.filter((key) => key[0] === "p" || key.endsWith(`,${tap}`));
        return this.choose({weight: stops[(stops.indexOf(choice.weight) + turn + stops.length) % stops.length]});
      }
      if (part === "p") return this.choose({weight: `p:${clamp(o + right, f.O)},${clamp(c + down, f.filters)}`});
      const column = way === "home" ? 0 : way === "end" ? f.k - 1 : clamp(v + right, f.k);
      this.choose({weight: `w:${o},${c},${clamp(u + down, f.k)},${column}`});
    }

    show() {
      const f = this.layer, choice = this.choice, lit = touched(f, choice);
      const chosen = choice.look === "output" ? `y:${choice.o},${choice.i},${choice.j}` : choice.look === "weight" ? choice.weight : "";
      for (const cell of this.cells) {
        cell.classList.toggle("cf-lit", lit.has(cell.dataset.key));
        cell.classList.toggle("cf-chosen", cell.dataset.key === chosen);
      }
      const reads = f.mix ? range(f.C) : f.of(choice.o);
      for (const frame of this.stage.querySelectorAll(".cf-frame")) {
        const c = +frame.dataset.channel, map = this.maps.find((one) => one.part === "x" && one.channel === c);
        const span = f.d * (f.k - 1) + 1;
        frame.setAttribute("d", choice.look === "output" && reads.includes(c) ? slab(map, choice.i * f.s, choice.j * f.s, span, span) : "");
      }
      for (const input of this.live.querySelectorAll(`[name="${this.name}-look"]`)) input.checked = input.value === choice.look;
      this.live.querySelector(".cf-next").hidden = f.O === 1 && f.C === 1;
      this.live.querySelector(".cf-next").textContent = choice.look === "weight" ? "next kernel" : "next map";
      const early = NOT_YET[this.phase]; // nothing is computed yet
      for (const part of this.live.querySelectorAll(".cf-lightup, .cf-steps, .cf-costs")) part.hidden = early !== undefined;
      if (early) {
        this.live.querySelector(".cf-sum").textContent = "";
        for (const cell of this.cells) cell.classList.remove("cf-lit", "cf-chosen");
        for (const frame of this.stage.querySelectorAll(".cf-frame")) frame.setAttribute("d", "");
        return this.say(early);
      }
      this.live.querySelector(".cf-sum").innerHTML = choice.look === "output" ? (this.kind === "matrix" ? this.matrix() : this.sum()) : "";
      this.say(say(f, choice));
    }

    // The window's products and their sum, a line for each channel.
    sum() {
      const f = this.layer, {o, i, j} = this.choice;
      const line = (name, tone, text, sum) => `<div class="cf-line"><span class="cf-tag cf-${tone}">${name}</span><span>${text} = <b>${sign(sum)}</b></span></div>`;
      const plus = (terms) => terms.join(" + ");
      const channel = (name) => ({c, list, sum}) => line(name ?? `channel ${c}`, `c${c}`, plus(list.map(({a, b}) => `${factor(a)}·${factor(b)}`)), sum);
      if (f.mix) {
        const first = range(f.filters).flatMap((q) => products(f, q, i, j).map(channel(`map ${q}`)));
        return first.join("") + line(`output ${o}`, `o${o}`, plus(range(f.filters).map((q) => `${factor(f.between[q][i][j])}·${factor(f.mix[o][q])}`)), f.y[o][i][j]);
      }
      const parts = products(f, o, i, j);
      const total = parts.length > 1 ? line(`output ${o}`, `o${o}`, plus(parts.map(({sum}) => factor(sum))), f.y[o][i][j]) : "";
      return parts.map(channel()).join("") + total;
    }

    // A pixel's channels, as a column of numbers, through the matrix of the filters.
    matrix() {
      const f = this.layer, {o, i, j} = this.choice;
      const grid = (rows, name, mark) => `<span class="cf-matrix" role="img" aria-label="${name}: ${rows.map((row) => row.map(sign).join(", ")).join("; ")}" style="--columns:${rows[0].length}">` +
        rows.map((row, r) => row.map((value) => `<span${mark(r) ? ' class="cf-lit"' : ""}>${sign(value)}</span>`).join("")).join("") + "</span>";
      return `<div class="cf-product">${grid(f.w.map((kernels) => kernels.map((kernel) => kernel[0][0])), "weights", (r) => r === o)}<span>·</span>` +
        `${grid(f.x.map((map) => [map[i][j]]), "the pixel", () => true)}<span>=</span>${grid(f.y.map((map) => [map[i][j]]), "the output", (r) => r === o)}</div>` + this.sum();
    }

    // Read out only when the window rests; shown at once would be a word for every step of a drag.
    say(text) {
      clearTimeout(this.rest);
      const said = this.live.querySelector(".cf-said");
      if (!said.textContent) said.textContent = text; // the first one is there when the page is read
      else this.rest = setTimeout(() => { said.textContent = text; }, 250);
    }
  }

  Object.assign(ConvFigure, {compute, costs, touched, weightKeys, formulas, say, BOUNDS, START, MODES, KINDS, given});
  customElements.define("conv-figure", ConvFigure);
})();
