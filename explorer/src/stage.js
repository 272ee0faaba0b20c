/** An experiment of the lesson, carried out and judged; without a page. */

import { judged, measure } from "./measures.js";

/** @typedef {import("./types.js").Stage} Stage */

/**
 * The courses of an experiment's arms, by name.
 * @param {Stage} stage
 * @param {{course: Function, rest: Function}} engine An engine, or a page's client of one.
 * @returns {Promise<Record<string, import("./types.js").Course>>}
 */
export async function follow(stage, engine) {
  /** @type {Record<string, import("./types.js").Course>} */
  const courses = {};
  for (const { name, settings: p, steps } of stage.arms) {
    let start = { p };
    if (stage.start === "rest") {
      const rest = await engine.rest({ p });
      if (!rest.values) throw new Error(`${name}: ${rest.certificate.status}`);
      start = { from: rest.place };
    }
    const course = await engine.course({ ...start, end: stage.duration, points: stage.points, steps });
    if (course.cause) throw new Error(`${name}: ${course.cause}`);
    courses[name] = course;
  }
  return courses;
}

/** How each check comes out. @param {Stage} stage @param {Record<string, any>} courses */
export function judgements(stage, courses) {
  const values = Object.fromEntries(stage.measures.map((each) =>
    [each.name, measure(each, courses[each.arm])]));
  return stage.checks.map((check) => ({ check, ...judged(check, values) }));
}
