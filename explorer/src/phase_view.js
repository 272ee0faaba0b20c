/** The phase plane: one quantity against another along the course, and the steady state. */

import { one } from "./choices.js";
import { h } from "./dom.js";
import { savers } from "./export.js";
import { titled } from "./format.js";
import { COLOURS, makePlot } from "./plot.js";
import { w } from "./words.js";

/**
 * @param {import("./store.js").Store} store @param {import("./lab.js").Lab} lab
 * @param {() => import("./types.js").Rest|null} rest
 */
export function phase(store, lab, rest) {
  const { settings, payload } = store;
  const moving = payload.quantities.filter((quantity) => quantity.kind !== "constant");
  const host = h("div", {});
  /** @type {ReturnType<typeof makePlot>|null} */
  let plot = null;

  function draw() {
    const { run, ghost } = lab;
    const { x, y } = settings;
    if (!run.t.length || !run.columns[x] || !run.columns[y]) return;
    plot ??= makePlot(host, 320);
    const found = rest();
    // Curves of one figure share their x; those of a phase plane follow one another with a gap
    const parts = [run, ...(ghost ? [ghost] : [])];
    const xs = parts.flatMap((part) => [...part.columns[x], NaN]);
    let before = 0;
    const curves = parts.map((part, n) => {
      const values = new Array(xs.length).fill(NaN);
      part.columns[y].forEach((value, k) => { values[before + k] = value; });
      before += part.t.length + 1;
      return { label: y, colour: COLOURS[0], dashed: n > 0, values };
    });
    plot.draw({
      name: `${payload.name}_phase`, sorted: false,
      x: { label: titled(x, store.unitOf(x)), values: xs },
      y: { label: titled(y, store.unitOf(y)) }, curves,
      marks: found?.values ? [{ x: found.values[x], y: found.values[y] }] : [],
    });
  }

  const element = h("div", {}, h("div", { class: "bar" },
    one(store, w("axis"), moving, settings.x, (id) => store.change({ x: id })),
    one(store, w("axisUp"), moving, settings.y, (id) => store.change({ y: id }))), host,
  h("p", { class: "note" }, `● ${w("settled")}`), savers(() => plot?.spec ?? null));
  return { element, draw };
}
