/** An experiment of the lesson, carried out and judged; without a page. */

import { judged, measure } from "./measures.js";

/** @typedef {import("./types.js").Stage} Stage */

/**
 * The courses of an experiment's arms, by name.
 * @param {Stage} stage
 * @param {(model: string) => {payload: import("./types.js").Payload, engine: {course: Function, rest: Function}}} modelOf
 *   What is known of a model, and an engine for it, or a page's client of one.
 * @returns {Promise<Record<string, import("./types.js").Course>>}
 */
export async function follow(stage, modelOf) {
  /** @type {Record<string, import("./types.js").Course>} */
  const courses = {};
  for (const { name, rests, runs, settings: p, steps, ramps } of stage.arms) {
    const { payload, engine } = modelOf(runs);
    let start = { p };
    if (stage.start === "rest") {
      const rest = await modelOf(rests).engine.rest({ p });
      if (!rest.values) throw new Error(`${name}: ${rest.certificate.status}`);
      // What is clamped from now on is another model, in the same state
      start = runs === rests ? { from: rest.place } : { p, y0: statesOf(payload, rest.values) };
    }
    const course = await engine.course({ ...start, end: stage.duration, points: stage.points, steps, ramps });
    if (course.cause) throw new Error(`${name}: ${course.cause}`);
    courses[name] = course;
  }
  return courses;
}

/** Values of a model's states. @param {import("./types.js").Payload} payload @param {Record<string, number>} values */
function statesOf(payload, values) {
  const { targets } = payload.engine;
  return Object.fromEntries(Object.keys(targets).filter((id) => targets[id][0] === "x").map((id) => [id, values[id]]));
}

/** How each check comes out. @param {Stage} stage @param {Record<string, any>} courses */
export function judgements(stage, courses) {
  const values = Object.fromEntries(stage.measures.map((each) =>
    [each.name, measure(each, courses[each.arm])]));
  return stage.checks.map((check) => ({ check, ...judged(check, values) }));
}
