/** What stands in a membrane: symbols of transporters, lipids, arrows. Lengths are in mm. */

import { s } from "./dom.js";

export const BILAYER = 2.2, CORNER = 5, REACH = 4.2, APART = 3.8;
/** Half the length of an arrow through a membrane. */
export const ARROW = 8;
/** Sizes of letters, and the distance of their lines. */
export const WORDS = 2.9, SMALL = 2.7, HEAD = 3.3, LINE = 3.6;

const FACES = { pump: "--pump", symporter: "--symporter", antiporter: "--antiporter", carrier: "--carrier", channel: "--channel", water: "--water-face" };
const COLOURS = { "Na⁺": "#0072B2", "K⁺": "#E69F00", "Cl⁻": "#009E73", glucose: "#D55E00", "HCO₃⁻": "#CC79A7", water: "#56B4E9" };

/** @param {string} substance */
export const colourOf = (substance) => /** @type {Record<string, string>} */ (COLOURS)[substance] ?? "var(--ink)";

/** @type {CanvasRenderingContext2D|null} */
let pen = null;

/** How wide a line of text is [mm]. @param {string} text @param {number} size */
export function widthOf(text, size) {
  pen ??= document.createElement("canvas").getContext("2d");
  if (!pen) return text.length * size * 0.55;
  pen.font = "100px system-ui, sans-serif";
  return (pen.measureText(text).width / 100) * size;
}

/** A text in lines no wider than that. @param {string} text @param {number} size @param {number} widest */
export function wrapped(text, size, widest) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const joined = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && widthOf(joined, size) <= widest) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}

/** @param {number} x @param {number} y @param {string} words @param {Record<string, any>} [more] */
export function text(x, y, words, more = {}) {
  return s("text", { x, y, "font-size": WORDS, fill: "var(--ink)", "dominant-baseline": "middle", ...more }, words);
}

/** @param {number} x @param {number} y @param {number} width @param {number} height @param {string} fill */
export const area = (x, y, width, height, fill) => s("rect", { x, y, width, height, fill });

/** A cell: what it is filled with, and its membrane of two leaflets. */
export function cellBody(/** @type {number} */ left, /** @type {number} */ top, /** @type {number} */ right, /** @type {number} */ bottom) {
  const line = (/** @type {number} */ inset, /** @type {Record<string, any>} */ more) => s("rect", {
    x: left + inset, y: top + inset, width: right - left - 2 * inset, height: bottom - top - 2 * inset,
    rx: CORNER - inset, fill: "none", ...more,
  });
  const heads = { stroke: "var(--heads)", "stroke-width": 0.9, "stroke-dasharray": "0.01 1.25", "stroke-linecap": "round" };
  return s("g", {},
    line(0, { fill: "var(--inside)", stroke: "var(--tails)", "stroke-width": BILAYER + 0.8 }),
    line(0, { stroke: "var(--paper)", "stroke-width": BILAYER - 0.6 }),
    line(-BILAYER / 2, heads), line(BILAYER / 2, heads));
}

/** A symbol with room for so many arrows; what turns in it has the class `turning`. */
export function transporter(/** @type {string} */ kind, /** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ arrows) {
  const half = ((arrows - 1) * APART) / 2;
  const face = { fill: `var(${/** @type {any} */ (FACES)[kind] ?? "--carrier"})`, stroke: "var(--edge)", "stroke-width": 0.28 };
  if (kind === "channel" || kind === "water") {
    return s("g", {}, [1, -1].map((side) =>
      s("rect", { x: x - 2.9, y: side > 0 ? y - 3.2 : y + 1, width: 5.8, height: 2.2, rx: 1.05, ...face })));
  }
  if (kind === "pump" || kind === "symporter" || kind === "antiporter") {
    const r = Math.max(REACH - 0.4, half + 2);
    const spokes = [0, 120, 240].map((angle) => s("path", {
      d: `M0 ${-r}V${-r + 1.5}`, stroke: "var(--notch)", "stroke-width": 0.8, "stroke-linecap": "round",
      transform: `rotate(${angle})`,
    }));
    const turning = s("g", { class: "turning" }, s("circle", { r, ...face }), spokes);
    return s("g", { transform: `translate(${x} ${y})` }, turning);
  }
  return s("g", {}, s("rect", { x: x - 3.4, y: y - half - 2, width: 6.8, height: 2 * half + 4, rx: 1.9, ...face }));
}

/** An arrow from one end to the other. */
export function arrow(/** @type {number} */ x0, /** @type {number} */ x1, /** @type {number} */ y, /** @type {string} */ colour) {
  const way = Math.sign(x1 - x0);
  return s("g", { class: "arrow" },
    s("path", { class: "shaft", d: `M${x0} ${y}H${x1 - way * 1.2}`, stroke: colour, "stroke-width": 0.42, fill: "none" }),
    s("path", { d: `M${x1} ${y}l${-way * 1.9} -0.95v1.9z`, fill: colour }));
}
