/** Where the parts of a schematic stand, by the rules of the figure of the report. In mm. */

import { APART, ARROW, LINE, SMALL, WORDS, widthOf, wrapped } from "./symbols.js";
import { substanceWord } from "./words.js";

export const MARGIN = 1.5, PAD = 6.5, ATP = 5, ROW = 9.6, SPACE = 6.4;

/**
 * @typedef {import("./types.js").Transporter} Transporter
 * @typedef {import("./types.js").Schematic} Schematic
 *
 * @typedef {object} Flank A side of the cell: its membrane, which way is out, its rows, and room for
 * the labels at the ends of arrows and for names.
 * @property {number} x
 * @property {1|-1} out
 * @property {Transporter[]} rows
 * @property {number} room
 * @property {number} words
 */

/** @param {import("./types.js").Moved} moved */
export function counted(moved) {
  const substance = substanceWord(moved.substance);
  return moved.count === 1 ? substance : `${moved.count} ${substance}`;
}

/** @param {Transporter} row */
export const endsOf = (row) => new Set(row.moved.flatMap((moved) => [moved.source, moved.target]));

/** @param {Transporter} row @param {number} widest */
export function heightOf(row, widest) {
  const lines = wrapped(row.name, WORDS, widest).length + 1;
  return Math.max(ROW + (row.moved.length - 1) * APART + (row.atp ? ATP : 0), lines * LINE + 2);
}

/** @param {Schematic} cell @param {number} width @returns {Flank[]} */
export function flanksOf(cell, width) {
  const through = cell.transporters.filter((row) => row.membrane !== null);
  const widest = Math.max(...cell.transporters.flatMap((row) =>
    row.moved.map((moved) => widthOf(counted(moved), WORDS))));
  const room = widest + 2.5;
  /** @type {Transporter[][]} */
  let sides;
  if (cell.membranes.length > 1) {
    sides = [0, 1].map((number) => through.filter((row) => row.membrane === number));
  } else {
    const home = cell.membranes[0].beyond[0];
    through.sort((a, b) => Number(!endsOf(a).has(home)) - Number(!endsOf(b).has(home)));
    sides = [through, []];
    if (width > 100) {
      const sizes = through.map((row) => ROW + APART * (row.moved.length - 1));
      const all = sizes.reduce((a, b) => a + b, 0);
      let [cut, sum] = [0, 0];
      while (2 * sum < all) sum += sizes[cut++];
      sides = [through.slice(0, cut), through.slice(cut)];
    }
  }
  sides = sides.filter((side) => side.length);
  const words = (sides.length > 1 ? 0.19 : 0.3) * width;
  const out = MARGIN + words + room + ARROW;
  return sides.map((rows, n) => ({ x: n ? width - out : out, out: n ? 1 : -1, rows, room, words }));
}

/** Places other than the first beyond the only membrane that a flank's rows reach. */
export function patchesOf(/** @type {Schematic} */ cell, /** @type {Flank} */ flank) {
  if (cell.membranes.length > 1) return [];
  const others = cell.membranes[0].beyond.slice(1);
  const reached = new Set(flank.rows.flatMap((row) => [...endsOf(row)]));
  return cell.places.filter((place) => others.includes(place.id) && reached.has(place.id));
}

/**
 * Contents of a place in lines, each of which fits.
 * @param {import("./types.js").Place} place @param {number} widest
 */
export function contentLines(place, widest) {
  /** @type {import("./types.js").Place["contents"][]} */
  const lines = [];
  let used = Infinity;
  for (const content of place.contents) {
    const width = widthOf(`${substanceWord(content.substance)} 000.0, `, SMALL);
    if (used + width > widest) {
      lines.push([]);
      used = 0;
    }
    lines[lines.length - 1].push(content);
    used += width;
  }
  return lines;
}
