/** One course, from its start to its end: where it stops, what is noted, what is set. @module */
import { Integrator } from "./rodas.js";

/** Relative error of a step. */
const TOLERANCE = 1e-9;
/** Steps after which a course is given up; the same in time [ms], for a page must not hang. */
const MOST_STEPS = 100_000;
const PATIENCE = 20_000;
/** How close to a switch a step ends and the next begins, relative to its time. */
const ASIDE = 2e-14;
/** Steps that a course takes at least where its rates bend with the time. */
const LEAST_STEPS = 1000;
/** Places within a step at which events are looked for, and halvings until one is found. */
const LOOKS = 4;
const HALVINGS = 50;

/** Rows of a course, kept by column. */
class Table {
  constructor(model, columns) {
    this.names = columns;
    this.places = columns.map((id) => {
      const place = model.outputOf.get(id);
      if (place === undefined) throw new RangeError(`nothing is called '${id}'`);
      return place;
    });
    this.times = [];
    this.rows = columns.map(() => []);
    this.o = new Float64Array(model.ids.length);
  }

  add(t, run, x) {
    run.outputs(t, x, this.o);
    this.times.push(t);
    for (let k = 0; k < this.places.length; k++) this.rows[k].push(this.o[this.places[k]]);
  }

  get columns() {
    return Object.fromEntries(this.names.map((id, k) => [id, Float64Array.from(this.rows[k])]));
  }
}

/** Follows one course. */
export class Follower {
  /**
   * @param {import("./model.js").Model} model
   * @param {import("./types.js").Mark} from
   * @param {{end: number, grid: number[], stops: import("./types.js").Stop[]}} plan In order of time.
   * @param {string[]} columns
   */
  constructor(model, from, plan, columns) {
    this.model = model;
    this.plan = plan;
    this.begin = from.t;
    this.x = from.x.slice();
    this.c = from.c.slice();
    this.ramps = [];
    this.run = model.run(this.c, this.x);
    this.table = new Table(model, columns);
    this.integrator = new Integrator(this.run, TOLERANCE);
    if (model.curved) this.integrator.longest = (plan.end - from.t) / LEAST_STEPS;
    this.at = new Float64Array(model.n);
    this.switches = new Float64Array(2 * model.breaks.length);
    this.awaited = new Float64Array(model.events.length);
    this.held = Float64Array.from(model.events, ([, initial]) => (initial ? 1 : 0));
    this.next = 0;
    this.cause = "";
    /** When the first event happened, if one did. */
    this.ended = undefined;
  }

  /**
   * @param {?Float64Array} tops - how large states become that start at zero.
   * @returns {import("./types.js").Course}
   */
  follow(tops) {
    const { integrator, plan, table } = this;
    const y = this.run.free(this.x);
    integrator.begin(y, this.x.reduce((top, value) => Math.max(top, Math.abs(value)), 0), tops);
    integrator.restart(this.begin, y, plan.end);
    this.until = performance.now() + PATIENCE;
    for (; this.next < plan.grid.length && plan.grid[this.next] <= this.begin; this.next++) {
      table.add(plan.grid[this.next], this.run, this.x);
    }
    this.await(this.begin, this.x);
    for (const stop of plan.stops) {
      this.goTo(stop.at);
      if (this.cause !== "") break;
      if (table.times.at(-1) !== stop.at) table.add(stop.at, this.run, this.x);
      this.change(stop);
      integrator.system = this.run;
      integrator.restart(stop.at, this.run.free(this.x), plan.end);
      table.add(stop.at, this.run, this.x);
      this.await(stop.at, this.x);
    }
    if (this.cause === "") this.goTo(plan.end);
    if (this.cause === "") this.run.at(plan.end);
    return {
      t: Float64Array.from(table.times),
      columns: table.columns,
      last: { t: this.ended ?? integrator.t, x: this.x, c: this.c },
      cause: this.cause,
    };
  }

  /** Set what is set at a stop, or let a ramp begin or end there. */
  change({ at, set, begins, ends }) {
    const { model } = this;
    this.run.at(at);
    this.ramps = this.ramps.filter(({ told }) => !ends.includes(told));
    for (const { id, to } of ends) model.set(at, this.x, this.c, { [id]: to });
    model.set(at, this.x, this.c, set);
    for (const told of begins) this.ramps.push({ ...model.ramp(at, this.x, this.c, told), told });
    this.run = model.run(this.c, this.x, this.ramps);
  }

  /** Integrate up to a time, with an end and a beginning at each switch of the model's own. */
  goTo(end) {
    const { integrator } = this;
    while (this.cause === "" && integrator.t < end) {
      const own = this.switchAfter(integrator.t, end);
      const aside = ASIDE * Math.abs(own);
      this.integrate(own < end ? own - aside : end);
      if (this.cause !== "" || own >= end) continue;
      integrator.restart(Math.min(own + aside, end), this.run.free(this.x), end);
      this.await(integrator.t, this.x);
      this.note();
    }
  }

  integrate(end) {
    const { integrator } = this;
    while (this.cause === "" && integrator.t < end) {
      if (integrator.step(end)) {
        this.lookForEvents();
        this.note();
      } else if (integrator.isStuck) {
        this.cause = `the integration came to no end at time ${integrator.t.toPrecision(4)}`;
      }
      if (integrator.steps > MOST_STEPS || (integrator.steps % 64 === 0 && performance.now() > this.until)) {
        this.cause ||= `the integration was given up at time ${integrator.t.toPrecision(4)}: too many steps`;
      }
    }
    if (this.ended === undefined) this.run.whole(integrator.y, this.x);
  }

  /** Note the rows that the last step has come to, as far as nothing ended the course before. */
  note() {
    const { integrator, plan, table } = this;
    for (; this.next < plan.grid.length; this.next++) {
      const t = plan.grid[this.next];
      if (t > integrator.t || (this.ended !== undefined && t > this.ended)) break;
      integrator.between(t, this.at);
      table.add(t, this.run, this.run.whole(this.at));
    }
    if (this.ended !== undefined && table.times.at(-1) < this.ended) table.add(this.ended, this.run, this.x);
  }

  /** Return the next time at which the model switches by itself, or a later one. */
  switchAfter(t, end) {
    const { model, switches } = this;
    if (model.breaks.length === 0) return Infinity;
    const probe = t + ASIDE * Math.max(Math.abs(t), end - t);
    model.program.breaks(probe, this.c, this.run.h, switches);
    let next = Infinity;
    for (let i = 0; i < model.breaks.length; i++) {
      const value = switches[2 * i];
      const slope = switches[2 * i + 1];
      let target = 0;
      if (model.breaks[i]) target = slope > 0 ? Math.floor(value) + 1 : Math.ceil(value) - 1;
      const wait = (target - value) / slope;
      if (wait > 0) next = Math.min(next, probe + wait);
    }
    return next;
  }

  /** Answer which event happens at a state, or -1; remember what holds. */
  await(t, x) {
    const { model, awaited, held } = this;
    if (model.events.length === 0) return;
    this.run.at(t);
    model.program.triggers(t, x, this.c, this.run.h, awaited);
    const which = awaited.findIndex((holds, i) => holds === 1 && held[i] === 0);
    held.set(awaited);
    if (which >= 0) this.endWith(which, t, x);
  }

  endWith(which, t, x) {
    const [words] = this.model.events[which];
    this.cause = `${words} happens at time ${t.toPrecision(6)}, and events are not carried out here`;
    this.ended = t;
    this.x.set(x);
  }

  /** Look for events within the last step; end the course at the first. */
  lookForEvents() {
    if (this.model.events.length === 0) return;
    const { integrator } = this;
    let low = integrator.before;
    for (let look = 1; look <= LOOKS; look++) {
      const high = look === LOOKS ? integrator.t : integrator.before + (integrator.length * look) / LOOKS;
      if (this.happens(high) >= 0) {
        let [a, b] = [low, high];
        for (let turn = 0; turn < HALVINGS; turn++) {
          const middle = (a + b) / 2;
          if (this.happens(middle) >= 0) b = middle;
          else a = middle;
        }
        this.endWith(this.happens(b), b, this.run.whole(this.at));
        return;
      }
      this.held.set(this.awaited);
      low = high;
    }
  }

  /** Return which event's trigger holds at a time of the last step that did not before, or -1. */
  happens(t) {
    this.integrator.between(t, this.at);
    this.run.at(t);
    this.model.program.triggers(t, this.run.whole(this.at), this.c, this.run.h, this.awaited);
    return this.awaited.findIndex((holds, i) => holds === 1 && this.held[i] === 0);
  }
}
