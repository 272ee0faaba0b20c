/**
 * Courses, steady states and scans of one model, without a page: what a worker, a page and a test
 * use alike.
 *
 * @module
 */
import { uncertified } from "./certificate.js";
import { Follower } from "./course.js";
import { FOREVER, Model, NoStart } from "./model.js";
import { findRest } from "./rest.js";

/** How often a course is followed anew because a state turned out smaller than it was taken for. */
const MOST_LOOKS = 4;

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
   * @param {import("./types.js").Ramp[]} [ask.ramps] What moves evenly on the way; the same at its ends.
   * @param {?string[]} [ask.columns] Which to return; all by default.
   * @returns {import("./types.js").Course}
   */
  course({ p = {}, y0 = null, from = null, end, points = 101, times = null, steps = [], ramps = [], columns = null }) {
    const { model } = this;
    const mark = from ?? this.start(p, y0);
    const begin = mark.t;
    if (!(Number.isFinite(end) && end > begin)) throw new RangeError("a course needs an end after its start");
    if (!(Number.isInteger(points) && points >= 2)) throw new RangeError("a course needs two points or more");
    const plan = { end, grid: times ?? evenly(begin, end, points), stops: stops(steps, ramps, begin, end) };
    let tops = null;
    for (let look = 1; ; look++) {
      const follower = new Follower(model, mark, plan, columns ?? model.ids);
      const course = follower.follow(tops);
      const { isLoose, seen } = follower.integrator;
      if (course.cause !== "" || !isLoose || look === MOST_LOOKS) return course;
      tops = seen;
    }
  }

  /** Return where a run starts. */
  start(p, y0) {
    const { x, c } = this.model.start(p);
    if (y0 !== null) this.model.place(x, c, y0);
    this.model.check(x, c);
    return { t: 0, x, c };
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
    if (model.events.length > 0 || !model.standing) throw new Error(model.refusals[0]);
    let mark = from;
    try {
      mark ??= this.start(p, y0);
    } catch (error) {
      if (!(error instanceof NoStart)) throw error;
      return { values: null, certificate: uncertified("no start"), place: null };
    }
    const { x, c } = mark;
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

/** Return an engine for a model. */
export function load(payload, program) {
  return new Engine(payload, program);
}

function evenly(begin, end, points) {
  const times = Array.from({ length: points }, (_, k) => begin + ((end - begin) * k) / (points - 1));
  times[points - 1] = end;
  return times;
}

/** Where the integration ends and begins anew, in order of time. */
function stops(steps, ramps, begin, end) {
  const found = new Map();
  const at = (time) => {
    if (!(time >= begin && time <= end)) throw new RangeError(`a change at ${time} lies outside of the course`);
    if (!found.has(time)) found.set(time, { at: time, set: {}, begins: [], ends: [] });
    return found.get(time);
  };
  for (const step of steps) Object.assign(at(step.at).set, step.set);
  for (const ramp of ramps) {
    if (!(ramp.end > ramp.start)) throw new RangeError("a ramp takes time");
    at(ramp.start).begins.push(ramp);
    if (ramp.end !== end) at(ramp.end).ends.push(ramp);
  }
  return [...found.values()].sort((a, b) => a.at - b.at);
}
