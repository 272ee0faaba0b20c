/** A model as the solver sees it: its program, its structure, and what can be set. @module */

/** When all that the time decides has been decided. */
export const FOREVER = 1e12;

/** Where neighbours are looked at for a derivative by the time, as a share of a ramp. */
const BESIDE = 1e-6;

/** A starting value that the model computes is impossible. */
export class NoStart extends Error {}

/** One model, whatever its values. */
export class Model {
  /**
   * @param {import("./types.js").Payload} payload
   * @param {object} program - what the printed text returns (analyses/explorer/program.py).
   */
  constructor(payload, program) {
    const told = payload.engine;
    this.program = program;
    this.inputs = told.inputs;
    this.given = Float64Array.from(told.given, (value) => value ?? NaN);
    this.states = told.states.length;
    this.constants = told.constants.length;
    this.velocities = told.velocities.length;
    this.independent = told.independent;
    this.n = told.independent.length;
    this.stoichiometry = told.stoichiometry;
    this.link = told.link;
    this.conserved = told.conserved;
    this.positive = told.positive;
    this.rated = told.rated;
    this.hoisted = told.hoisted;
    this.targets = told.targets;
    this.standing = told.standing;
    this.branches = told.branches;
    this.events = told.events;
    this.breaks = told.breaks;
    this.curved = told.curved;
    this.checked = told.checked;
    this.direct = told.direct;
    this.ids = payload.quantities.map((quantity) => quantity.id);
    this.quantities = new Map(payload.quantities.map((quantity) => [quantity.id, quantity]));
    this.refusals = payload.refusals;
    this.placeOf = new Int32Array(this.states).fill(-1);
    told.independent.forEach((i, j) => {
      this.placeOf[i] = j;
    });
    this.inputOf = new Map(told.inputs.map((id, i) => [id, i]));
    this.outputOf = new Map(this.ids.map((id, i) => [id, i]));
    /** Of each state that follows from a conserved sum, what it is made of. */
    this.dependent = [];
    for (let i = 0; i < this.states; i++) {
      if (this.placeOf[i] < 0) this.dependent.push({ i, parts: told.link.filter(([row]) => row === i) });
    }
  }

  /**
   * Return the starting states and constants of a run.
   *
   * @param {Record<string, number>} settings
   * @returns {{x: Float64Array, c: Float64Array}}
   */
  start(settings = {}) {
    const g = this.given.slice();
    for (const [id, value] of Object.entries(settings)) {
      const place = this.inputOf.get(id);
      if (place === undefined) throw new RangeError(`'${id}' cannot be set`);
      g[place] = this.validated(id, value);
    }
    const x = new Float64Array(this.states);
    const c = new Float64Array(this.constants);
    this.program.start(g, x, c);
    return { x, c };
  }

  /** Return a value that a quantity may take, or throw what is wrong with it, in words. */
  validated(id, value) {
    const quantity = this.quantities.get(id);
    if (!quantity?.settable) throw new RangeError(`'${id}' cannot be set`);
    if (!Number.isFinite(value)) throw new RangeError(`'${id}' needs a finite number`);
    const { least, above } = quantity;
    if (least !== null && (value < least || (above && value === least))) {
      throw new RangeError(`'${id}' must be ${above ? "more than" : "at least"} ${least}, not ${value}`);
    }
    return value;
  }

  /** Throw where a starting value that the model computes is impossible. */
  check(x, c) {
    if (this.checked.length === 0) return;
    const o = this.run(c, x).outputs(0, x);
    for (const [id, least] of this.checked) {
      const value = o[this.outputOf.get(id)];
      const { name, unit } = this.quantities.get(id);
      const called = name === "" ? "" : ` (${name})`;
      if (least !== null && value < least) {
        throw new NoStart(
          `the starting value of '${id}'${called}, which the model computes, would be ${value.toPrecision(4)} ${unit}`.trimEnd(),
        );
      }
    }
  }

  /** Return what computes a run with some constants, the conserved sums of some states, and ramps. */
  run(c, x, ramps = []) {
    return new Run(this, c, x, ramps);
  }

  /** Set values on the way: constants hold from here on, states jump; in place. */
  set(t, x, c, values) {
    for (const [id, value] of this.sizesFirst(values)) this.put(t, x, c, id, this.validated(id, value));
  }

  /** Put states in place, those among them whose start the model computes. */
  place(x, c, values) {
    for (const [id, value] of this.sizesFirst(values)) {
      if (this.targets[id]?.[0] !== "x" || !Number.isFinite(value)) throw new RangeError(`'${id}' is no state, or no number`);
      this.put(0, x, c, id, value);
    }
  }

  /** Return values with concentrations last, for they are amounts by the size that is set. */
  sizesFirst(values) {
    const isConcentration = ([id]) => (this.targets[id]?.[2] ?? null) !== null;
    return Object.entries(values).sort((a, b) => Number(isConcentration(a)) - Number(isConcentration(b)));
  }

  /** Return a ramp of a constant from what it is: its place, and what stands there first and last. */
  ramp(t, x, c, { id, start, end, to }) {
    const target = c.slice();
    this.set(t, x, target, { [id]: to });
    const place = this.targets[id][1];
    if (this.targets[id][0] !== "c") throw new RangeError(`'${id}' moves by itself: it can be set, and has no ramp`);
    return { place, start, end, from: c[place], to: target[place] };
  }

  put(t, x, c, id, value) {
    const target = this.targets[id];
    if (target === undefined) throw new RangeError(`'${id}' cannot be set during a course`);
    const [kind, place, size] = target;
    const factor = size === null ? 1 : this.run(c, x).outputs(t, x)[this.outputOf.get(size)];
    (kind === "c" ? c : x)[place] = value * factor;
  }
}

/** The functions of one model with constants and conserved sums put in, and constants that move evenly. */
export class Run {
  /**
   * @param {Model} model
   * @param {Float64Array} c
   * @param {Float64Array} x
   * @param {{place: number, start: number, end: number, from: number, to: number}[]} ramps
   */
  constructor(model, c, x, ramps) {
    this.model = model;
    this.ramps = ramps;
    this.n = model.n;
    this.c = c;
    this.s = new Float64Array(model.states);
    for (const { i, parts } of model.dependent) {
      let total = x[i];
      for (const [, j, share] of parts) total -= share * x[model.independent[j]];
      this.s[i] = total;
    }
    this.h = new Float64Array(model.hoisted);
    model.program.hoist(c, this.s, this.h);
  }

  /** Put in the constants of a time. */
  at(t) {
    if (this.ramps.length === 0) return;
    for (const { place, start, end, from, to } of this.ramps) this.c[place] = from + ((to - from) * (t - start)) / (end - start);
    this.model.program.hoist(this.c, this.s, this.h);
  }

  balance(t, y, f) {
    this.at(t);
    this.model.program.balance(t, y, this.c, this.s, this.h, f);
  }

  slopes(t, y, f, J, d) {
    this.at(t);
    this.model.program.system(t, y, this.c, this.s, this.h, f, J, d);
    if (this.ramps.length > 0) this.drift(t, y, d);
  }

  /** Net rates' derivative by the time, what ramps do included. */
  drift(t, y, d) {
    const start = Math.max(...this.ramps.map((ramp) => ramp.start));
    const end = Math.min(...this.ramps.map((ramp) => ramp.end));
    const [before, after] = [Math.max(t - BESIDE * (end - start), start), Math.min(t + BESIDE * (end - start), end)];
    const earlier = new Float64Array(this.n);
    this.balance(before, y, earlier);
    this.balance(after, y, d);
    for (let j = 0; j < this.n; j++) d[j] = (d[j] - earlier[j]) / (after - before);
  }

  linear(x, v, D, t = FOREVER) {
    this.model.program.linear(t, x, this.c, this.h, v, D);
  }

  /** Return the values of all quantities. */
  outputs(t, x, o = new Float64Array(this.model.ids.length)) {
    this.at(t);
    this.model.program.outputs(t, x, this.c, this.h, o);
    return o;
  }

  /** Return all states from the independent ones. */
  whole(y, x = new Float64Array(this.model.states)) {
    const { model } = this;
    for (let j = 0; j < this.n; j++) x[model.independent[j]] = y[j];
    for (const { i, parts } of model.dependent) {
      let value = this.s[i];
      for (const [, j, share] of parts) value += share * y[j];
      x[i] = value;
    }
    return x;
  }

  /** Return the independent ones among all states. */
  free(x) {
    return Float64Array.from(this.model.independent, (i) => x[i]);
  }
}
