/** Two pictures of energy: the staircase of sodium's gradient, and what becomes of ATP's. */

import { h, s } from "./dom.js";
import { energies, symporters } from "./energy.js";
import { buttons } from "./export.js";
import { measured, number } from "./format.js";
import { w } from "./words.js";

const WIDE = 450;

/** @param {number} x @param {number} y @param {string} words @param {Record<string, any>} [more] */
const text = (x, y, words, more = {}) => s("text", { x, y, "font-size": 12, fill: "var(--ink)", ...more }, words);

/** A view of a lesson that draws what the moment's values give. */
function picture(/** @type {import("./store.js").Store} */ store, /** @type {string} */ name, /** @type {(values: Record<string, number>) => SVGElement} */ draw) {
  const host = h("div", { class: "bars" });
  /** @type {SVGElement|null} */
  let svg = null;
  let last = 0;
  function update() {
    if (!host.isConnected || !host.clientWidth) return;
    const now = performance.now();
    if (now - last < 60) {
      requestAnimationFrame(() => performance.now() - last >= 60 && update());
      return;
    }
    last = now;
    svg = draw(store.shown);
    host.replaceChildren(svg);
  }
  store.on("shown", update);
  new ResizeObserver(() => Object.keys(store.shown).length && update()).observe(host);
  const saver = buttons({ svg: () => svg && { name: `${store.payload.name}_${name}`, svg } });
  return { element: h("div", {}, host, saver), update };
}

/** Sodium's two pushes, one upon the other [kJ/mol]. @param {import("./store.js").Store} store */
export function staircase(store) {
  const lesson = /** @type {import("./types.js").Lesson} */ (store.payload.lesson);
  const sodium = symporters(lesson).coupled[0]?.moved.find((moved) => moved.substance === "Na⁺");
  let [least, most] = [0, 0]; // the scale grows and stays, so that what falls is seen to fall
  return picture(store, "sodium_gradient", (values) => {
    const way = sodium ?? { source: lesson.schematic.places[0].id, target: lesson.schematic.places.find((p) => p.inside)?.id ?? "" };
    const { chemical, electrical, both } = energies(lesson, values).gained("Na⁺", way.source, way.target);
    least = Math.min(least, chemical, both, -1);
    most = Math.max(most, chemical, both);
    const [high, top] = [230, 34];
    const scale = 150 / (most - least), x = (/** @type {number} */ n) => 24 + n * 142;
    const y = (/** @type {number} */ v) => top + (most - v) * scale;
    const step = (/** @type {number} */ n, /** @type {number} */ from, /** @type {number} */ to, /** @type {string} */ colour, /** @type {string} */ words) => [
      s("rect", { x: x(n), y: Math.min(y(from), y(to)), width: 104, height: Math.max(1, Math.abs(y(to) - y(from))), fill: colour, opacity: 0.85, rx: 2 }),
      text(x(n) + 52, high - 24, words, { "text-anchor": "middle" }),
      text(x(n) + 52, high - 8, measured(to - from, "kJ/mol"), { "text-anchor": "middle", "font-weight": "bold" })];
    return s("svg", { viewBox: `0 0 ${WIDE} ${high}`, role: "img", "aria-label": `${w("inward")} ${w("chemical")} ${number(chemical)}, ${w("electrical")} ${number(electrical)} kJ/mol` },
      text(24, 18, w("inward"), {}),
      s("path", { d: `M12 ${y(0)}H${WIDE - 12}`, stroke: "var(--ink)", "stroke-width": 0.8 }),
      text(WIDE - 12, y(0) - 5, w("outside"), { "text-anchor": "end", "font-size": 11, fill: "var(--quiet)" }),
      s("path", { d: `M${x(0) + 104} ${y(chemical)}H${x(1)}M${x(1) + 104} ${y(both)}H${x(2)}`, stroke: "var(--quiet)", "stroke-dasharray": "3 3" }),
      step(0, 0, chemical, "#56B4E9", w("chemical")), step(1, chemical, both, "#E69F00", w("electrical")),
      step(2, 0, both, "#0072B2", w("both")));
  });
}

/** From ATP to glucose, what is left of the power [pW]. @param {import("./store.js").Store} store */
export function waterfall(store) {
  const lesson = /** @type {import("./types.js").Lesson} */ (store.payload.lesson);
  const { coupled, slips } = symporters(lesson);
  const pumps = lesson.schematic.transporters.filter((row) => row.atp);
  let [least, most] = [0, 0];
  return picture(store, "energy", (values) => {
    const { powers } = energies(lesson, values);
    const sum = (/** @type {any[]} */ rows, /** @type {(found: ReturnType<typeof powers>) => number} */ take) =>
      rows.reduce((all, row) => all + take(powers(row)), 0);
    const atp = sum(pumps, (it) => it.spent);
    const sodium = sum(pumps, (it) => it.parts["Na⁺"] ?? 0);
    const potassium = sum(pumps, (it) => it.parts["K⁺"] ?? 0);
    const driven = -sum(coupled, (it) => it.parts["Na⁺"] ?? 0);
    const slipped = sum(slips, (it) => it.heat);
    const glucose = sum(coupled, (it) => it.parts.glucose ?? 0);
    /** @type {[string, number, number, string][]} */
    const bars = [
      ["ATP", 0, atp, "#CC79A7"], [w("heatPump"), atp, sodium + potassium, "#808080"],
      [w("kgradient"), sodium + potassium, sodium, "#E69F00"], [w("ngradient"), 0, sodium, "#0072B2"],
      [w("leaks"), sodium, driven + slipped, "#808080"],
      [w("heatSymport"), driven + slipped, glucose, "#808080"], [w("lift"), 0, glucose, "#D55E00"],
    ];
    const ends = bars.flatMap(([, from, to]) => [from, to]);
    most = Math.max(most, ...ends, 1e-9);
    least = Math.min(least, ...ends);
    const [row, left, right] = [29, 190, 74];
    const high = 20 + row * bars.length;
    const x = (/** @type {number} */ v) => left + ((v - least) / (most - least)) * (WIDE - left - right);
    const spoken = bars.map(([name, from, to]) => `${name} ${number(to - from)}`).join(", ");
    return s("svg", { viewBox: `0 0 ${WIDE} ${high}`, role: "img", "aria-label": `${w("energy")}, pW: ${spoken}` },
      s("path", { d: `M${x(0)} 4V${high - 12}`, stroke: "var(--ink)", "stroke-width": 0.8 }),
      bars.map(([name, from, to, colour], n) => {
        const y = 8 + n * row;
        return [
          s("rect", { x: Math.min(x(from), x(to)), y, width: Math.max(1, Math.abs(x(to) - x(from))), height: row - 9, fill: colour, opacity: 0.85, rx: 2 }),
          n < bars.length - 1 ? s("path", { d: `M${x(to)} ${y + row - 9}v9`, stroke: "var(--quiet)", "stroke-dasharray": "2 2" }) : null,
          text(left - 8, y + 14, name, { "text-anchor": "end", "font-size": 11.5 }),
          text(Math.max(x(from), x(to)) + 5, y + 14, measured(to - from, "pW"), { "font-size": 11.5 })];
      }));
  });
}
