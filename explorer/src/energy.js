/** Energies of what moves: from gradients and potentials, as the lesson tells them. */

import { substanceWord } from "./words.js";

/** kJ/mol in C/mol mV. */
const MICRO = 1e-6;

/**
 * @param {import("./types.js").Lesson} lesson
 * @param {Record<string, number>} values By id.
 */
export function energies(lesson, values) {
  const { schematic, energy } = lesson;
  const [RT, F] = [values[energy.RT], values[energy.F]];
  const places = new Map(schematic.places.map((place) => [place.id, place]));

  /** Potential of a place against the cell [mV]. @param {string} place */
  function volts(place) {
    const membrane = schematic.membranes.find((each) => each.beyond.includes(place));
    return membrane ? -values[membrane.quantity] : 0;
  }
  const contentOf = (/** @type {string} */ place, /** @type {string} */ substance) =>
    places.get(place)?.contents.find((content) => content.substance === substance);

  /** What a substance gains on the way, by concentration and by charge [kJ/mol]. */
  function gained(/** @type {string} */ substance, /** @type {string} */ source, /** @type {string} */ target) {
    const [from, to] = [contentOf(source, substance), contentOf(target, substance)];
    if (!from || !to) return { chemical: 0, electrical: 0, both: 0 };
    const chemical = RT * Math.log(values[to.species] / values[from.species]);
    const electrical = MICRO * from.charge * F * (volts(target) - volts(source));
    return { chemical, electrical, both: chemical + electrical };
  }

  /** Power that each substance gains through a transporter, and the heat [pW]. */
  function powers(/** @type {import("./types.js").Transporter} */ row) {
    const flux = values[row.reaction];
    const parts = Object.fromEntries(row.moved.map((moved) =>
      [moved.substance, gained(moved.substance, moved.source, moved.target).both * moved.count * flux]));
    const spent = -row.atp * values[energy.atp] * flux;
    const heat = spent - Object.values(parts).reduce((a, b) => a + b, 0);
    return { parts, spent, heat };
  }

  return { gained, powers };
}

/** How many of what the symporter takes together. @param {import("./types.js").Lesson} lesson */
export function stoichiometry(lesson) {
  const row = symporters(lesson).coupled[0];
  return row && row.moved.map((moved) => `${moved.count} ${substanceWord(moved.substance)}`).join(" : ");
}

/** The transporter by which glucose is driven by sodium, with most flux; and what slips through it. */
export function symporters(/** @type {import("./types.js").Lesson} */ lesson) {
  const rows = lesson.schematic.transporters;
  const coupled = rows.filter((row) => row.kind === "symporter"
    && row.moved.some((m) => m.substance === "Na⁺") && row.moved.some((m) => m.substance === "glucose"));
  const slips = rows.filter((row) => row.kind === "carrier" && row.moved.length === 1 && row.moved[0].substance === "Na⁺");
  return { coupled, slips };
}
