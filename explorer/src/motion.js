/** Transporters that turn at the speed of their fluxes, and what moves through them. */

import { h, s } from "./dom.js";
import { number } from "./format.js";
import { w } from "./words.js";

/** Turns in a second of the fastest pump or symporter at first, and the most of any. */
const USUAL = 0.25, MOST = 2;
/** Dots on an arrow at most. */
const DOTS = 4;

/**
 * @param {import("./types.js").Schematic} cell
 * @param {(words: string) => void} told
 */
export function makeMotion(cell, told) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const coupled = cell.transporters.filter((row) => ["pump", "symporter", "antiporter"].includes(row.kind));
  const fast = new Set((coupled.length ? coupled : cell.transporters).map((row) => row.reaction));
  let [moving, unit, last] = [!still, 0, 0];
  /** @type {Record<string, number>} */
  let fluxes = {};
  /** @type {Record<string, number>} */
  const phases = {};
  /** @type {{reaction: string, element: Element}[]} */
  let turning = [];
  /** @type {{reaction: string, dots: SVGElement[], x0: number, x1: number, count: number}[]} */
  let travelling = [];

  /** @param {number} clock */
  function frame(clock) {
    const passed = Math.min((clock - last) / 1000, 0.1);
    last = clock;
    if (moving) {
      for (const [reaction, flux] of Object.entries(fluxes)) {
        const speed = Math.min(MOST, unit ? Math.abs(flux) / unit : 0);
        phases[reaction] = ((phases[reaction] ?? 0) + speed * passed) % 12;
      }
      place();
    }
    requestAnimationFrame(frame);
  }

  function place() {
    for (const { reaction, element } of turning) {
      element.setAttribute("transform", `rotate(${((phases[reaction] ?? 0) * 360).toFixed(1)})`);
    }
    for (const { reaction, dots, x0, x1, count } of travelling) {
      // In a turn as many cross as the stoichiometry says
      const phase = ((phases[reaction] ?? 0) * count) / dots.length;
      dots.forEach((dot, n) => {
        const share = (phase + n / dots.length) % 1;
        dot.setAttribute("cx", (x0 + (x1 - x0) * share).toFixed(2));
        dot.setAttribute("opacity", (4 * Math.min(share, 1 - share, 0.25)).toFixed(2));
      });
    }
  }

  const words = () => `${w("motion")}: ${moving ? w("on") : w("off")}`;
  const button = h("button", {
    type: "button", class: "small", "aria-pressed": String(moving),
    onclick: () => {
      moving = !moving;
      button.textContent = words();
      button.setAttribute("aria-pressed", String(moving));
    },
  }, words());
  requestAnimationFrame(frame);

  return {
    button,
    clear() {
      turning = [];
      travelling = [];
    },
    /** @param {string} reaction @param {Element|null} element */
    turn(reaction, element) {
      if (element) turning.push({ reaction, element });
    },
    /** @returns {SVGElement[]} */
    travel(/** @type {string} */ reaction, /** @type {number} */ count, /** @type {number} */ x0, /** @type {number} */ x1, /** @type {number} */ y, /** @type {string} */ colour) {
      const number_ = Math.max(1, Math.min(DOTS, Math.round(count)));
      const dots = Array.from({ length: number_ }, () =>
        s("circle", { class: "ion", cx: x0, cy: y, r: 0.95, fill: colour, stroke: "var(--paper)", "stroke-width": 0.25 }));
      travelling.push({ reaction, dots, x0, x1, count });
      place();
      return dots;
    },
    /** @param {Record<string, number>} now */
    fluxes(now) {
      fluxes = now;
      if (unit) return;
      const most = Math.max(...Object.entries(now).filter(([id]) => fast.has(id)).map(([, flux]) => Math.abs(flux)));
      if (!(most > 0)) return;
      unit = most / USUAL;
      told(`${w("turnIs")} ${number(unit, 2)} ${cell.unit.split("/")[0]}.`);
    },
  };
}
