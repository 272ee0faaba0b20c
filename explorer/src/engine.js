/**
 * Courses, steady states and scans of one model, without a page: what a worker, a page and a test
 * use alike.
 *
 * @module
 */
import { Model } from "./model.js";
import { Integrator } from "./rodas.js";
import { findRest } from "./rest.js";

/** Relative error of a step of a course. */
const TOLERANCE = 1e-8;
/** Steps after which a course is given up, and how often it is followed anew. */
const MOST_STEPS = 100_000;
const MOST_LOOKS = 4;
/** When all that the time decides has been decided. */
const FOREVER = 1e12;
/** The same, in time [ms], for a page must not hang. */
const PATIENCE = 20_000;

/** A model that answers questions. */
export class Engine {
  /**
   * @param {import("./types.js").Payload} payload
   * @param {object} program
   */
  constructor(payload, program) {
    this.model = new Model(payload, program);
  }

  /**
   * Return every quantity at the start.
   *
   * @param {Record<string, number>} p
   * @returns {Record<string, number>}
   */
  values(p = {}) {
    const { x, c } = this.model.start(p);
    return this.named(this.model.run(c, x).outputs(0, x));
  }

  named(o) {
    return Object.fromEntries(this.model.ids.map((id, i) => [id, o[i]]));
  }

  /**
   * Follow a course.
   *
   * @param {object} ask
   * @param {Record<string, number>} [ask.p] Values from the start on.
   * @param {?Record<string, number>} [ask.y0] Values of states at the start, by id.
   * @param {?import("./types.js").Mark} [ask.from] Where to go on from, in place of a start.
   * @param {number} ask.end The last time.
   * @param {number} [ask.points] Of equally spaced times, first and last included.
   * @param {?number[]} [ask.times] Rising times, in place of these.
   * @param {import("./types.js").Step[]} [ask.steps] What is set on the way: the integration ends
   *   exactly there and begins anew.
   * @param {?string[]} [ask.columns] Which to return; all by default.
   * @returns {import("./types.js").Course}
   */
  course({ p = {}, y0 = null, from = null, end, points = 101, times = null, steps = [], columns = null }) {
    const { model } = this;
    if (model.events) throw new Error(model.refusals[0]);
    const { t: begin, x, c } = from ?? this.start(p, y0);
    if (!(Number.isFinite(end) && end > begin)) throw new RangeError("a course needs an end after its start");
    if (!(Number.isInteger(points) && points >= 2)) throw new RangeError("a course needs two points or more");
    const plan = { begin, end, grid: times ?? evenly(begin, end, points), steps: sorted(steps, begin, end) };
    let tops = null;
    for (let look = 1; ; look++) {
      const found = this.follow(plan, x.slice(), c.slice(), tops, columns ?? model.ids);
      if (!found.loose || look === MOST_LOOKS) return found.course;
      tops = found.tops;
    }
  }

  /** Return where a run starts. */
  start(p, y0) {
    const { x, c } = this.model.start(p);
    if (y0 !== null) this.model.set(0, x, c, y0);
    return { t: 0, x, c };
  }

  follow({ begin, end, grid, steps }, x, c, tops, columns) {
    const { model } = this;
    const table = new Table(model, columns);
    let run = model.run(c, x);
    const integrator = new Integrator(run, TOLERANCE);
    const y = run.free(x);
    const at = new Float64Array(model.n);
    integrator.begin(y, largest(x), tops);
    integrator.restart(begin, y, end);
    const limit = performance.now() + PATIENCE;
    let next = 0;
    let cause = "";
    for (; next < grid.length && grid[next] <= begin; next++) table.add(grid[next], run, x);
    for (const stop of [...steps, { at: end, set: null }]) {
      while (cause === "" && integrator.t < stop.at) {
        if (integrator.step(stop.at)) {
          for (; next < grid.length && grid[next] <= integrator.t; next++) {
            integrator.between(grid[next], at);
            table.add(grid[next], run, run.whole(at, x));
          }
        } else if (integrator.isStuck) {
          cause = `the integration came to no end at time ${integrator.t.toPrecision(4)}`;
        }
        if (integrator.steps > MOST_STEPS || (integrator.steps % 64 === 0 && performance.now() > limit)) {
          cause = `the integration was given up at time ${integrator.t.toPrecision(4)}: too many steps`;
        }
      }
      run.whole(integrator.y, x);
      if (cause !== "") break;
      if (stop.set !== null) {
        if (table.last !== stop.at) table.add(stop.at, run, x);
        model.set(stop.at, x, c, stop.set);
        run = model.run(c, x);
        integrator.system = run;
        integrator.restart(stop.at, run.free(x), end);
        table.add(stop.at, run, x);
      }
    }
    const course = { t: table.t, columns: table.columns, last: { t: integrator.t, x, c }, cause };
    return { course, loose: cause === "" && integrator.isLoose, tops: integrator.seen.slice() };
  }

  /**
   * Find the steady state to which a start leads.
   *
   * @param {object} ask
   * @param {Record<string, number>} [ask.p]
   * @param {?Record<string, number>} [ask.y0]
   * @param {?import("./types.js").Mark} [ask.from] As of `course`.
   * @returns {import("./types.js").Rest}
   */
  rest({ p = {}, y0 = null, from = null } = {}) {
    const { model } = this;
    if (model.events || !model.standing) throw new Error(model.refusals[0]);
    const { x, c } = from ?? this.start(p, y0);
    const { states, certificate } = findRest(model, c, x);
    if (states === null) return { values: null, certificate, place: null };
    const values = this.named(model.run(c, states).outputs(FOREVER, states));
    return { values, certificate, place: { t: 0, x: states, c } };
  }

  /**
   * Find the steady state at each of some values of one quantity.
   *
   * @param {object} ask
   * @param {Record<string, number>} [ask.p]
   * @param {string} ask.id
   * @param {number[]} ask.values
   * @returns {import("./types.js").Rest[]}
   */
  scan({ p = {}, id, values }) {
    return Array.from(values, (value) => this.rest({ p: { ...p, [id]: value } }));
  }
}

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

  get last() {
    return this.times.at(-1);
  }

  get t() {
    return Float64Array.from(this.times);
  }

  get columns() {
    return Object.fromEntries(this.names.map((id, k) => [id, Float64Array.from(this.rows[k])]));
  }
}

/** Return an engine for a model. */
export function load(payload, program) {
  return new Engine(payload, program);
}

function evenly(begin, end, points) {
  const times = Array.from({ length: points }, (_, k) => begin + ((end - begin) * k) / (points - 1));
  times[points - 1] = end;
  return times;
}

function sorted(steps, begin, end) {
  for (const { at } of steps) {
    if (!(at >= begin && at <= end)) throw new RangeError(`a step at ${at} lies outside of the course`);
  }
  return steps.toSorted((a, b) => a.at - b.at);
}

function largest(values) {
  let top = 0;
  for (const value of values) top = Math.max(top, Math.abs(value));
  return top;
}
