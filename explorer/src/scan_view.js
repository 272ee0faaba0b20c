/** A scan: the steady state along one parameter, as a curve. */

import { one } from "./choices.js";
import { h } from "./dom.js";
import { savers } from "./export.js";
import { titled, typable, typed } from "./format.js";
import { COLOURS, makePlot } from "./plot.js";
import { w } from "./words.js";

const POINTS = 61, WAIT = 250;

/** @param {import("./store.js").Store} store @param {import("./lab.js").Lab} lab */
export function scan(store, lab) {
  const { settings, payload } = store;
  const settable = payload.quantities.filter((quantity) => quantity.settable && quantity.kind !== "state");
  const moving = payload.quantities.filter((quantity) => quantity.kind !== "constant");
  const host = h("div", {});
  const note = h("p", { class: "note", role: "status" });
  /** @type {ReturnType<typeof makePlot>|null} */
  let plot = null;
  let [timer, asked] = [0, 0];

  const field = (/** @type {string} */ words) => /** @type {HTMLInputElement} */ (
    h("input", { type: "text", inputmode: "decimal", class: "value", "aria-label": words, onchange: later }));
  const low = field(w("from")), high = field(w("to"));
  const log = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", onchange: later }));

  /** The range of provenance, or about the value. */
  function range() {
    const quantity = store.byId.get(settings.scanned);
    const value = store.value(settings.scanned);
    const [least, most] = quantity?.low !== null && quantity?.low !== undefined && quantity.high !== null
      ? [quantity.low, quantity.high] : value > 0 ? [value / 10, value * 10] : [0, 1];
    low.value = typable(least);
    high.value = typable(most);
    log.checked = least > 0 && most / least > 15;
  }

  async function draw() {
    const mine = ++asked;
    const [least, most] = [typed(low.value), typed(high.value)];
    if (!(most > least)) { note.textContent = `${w("from")} < ${w("to")}`; return; }
    const even = Array.from({ length: POINTS }, (_, n) => n / (POINTS - 1));
    const values = even.map((x) => (log.checked && least > 0 ? least * (most / least) ** x : least + x * (most - least)));
    note.textContent = w("run");
    const { scanned, scanOf } = settings;
    try {
      const ask = { p: { ...settings.p }, id: scanned, values };
      const found = await lab.client.scan(ask, "scan");
      if (!found || mine !== asked) return;
      const good = (/** @type {import("./types.js").Rest} */ rest) => rest.certificate.status === "ok";
      const missing = found.filter((/** @type {any} */ rest) => !good(rest)).length;
      note.textContent = missing ? `${w("noRest")}: ${missing} ${w("ofStages")} ${POINTS}` : "";
      const curve = found.map((/** @type {any} */ rest) => (good(rest) ? rest.values[scanOf] : null));
      const at = store.value(scanned);
      const near = values.reduce((best, value, n) => (Math.abs(value - at) < Math.abs(values[best] - at) ? n : best), 0);
      plot ??= makePlot(host, 280);
      plot.draw({
        name: `${payload.name}_scan`,
        x: { label: titled(store.nameOf(scanned), store.unitOf(scanned)), values, log: log.checked && least > 0 },
        y: { label: titled(scanOf, store.unitOf(scanOf)) },
        curves: [{ label: scanOf, colour: COLOURS[0], values: curve, dots: true }],
        marks: at >= least && at <= most && curve[near] !== null ? [{ x: values[near], y: Number(curve[near]) }] : [],
      });
    } catch (error) {
      note.textContent = `${w("failed")}: ${error instanceof Error ? error.message : error}`;
    }
  }

  function later() {
    clearTimeout(timer);
    timer = window.setTimeout(draw, WAIT);
  }

  range();
  const element = h("div", {}, h("div", { class: "bar" },
    one(store, w("axis"), settable, settings.scanned, (id) => { store.change({ scanned: id }); range(); later(); }),
    h("label", {}, `${w("from")} `, low), h("label", {}, `${w("to")} `, high),
    h("label", {}, log, ` ${w("logarithmic")}`),
    one(store, w("axisUp"), moving, settings.scanOf, (id) => { store.change({ scanOf: id }); later(); })),
  host, note, savers(() => plot?.spec ?? null));
  return { element, draw, later };
}
