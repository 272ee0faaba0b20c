/** The steady state and its certificate. */

import { announce, h } from "./dom.js";
import { buttons, csv } from "./export.js";
import { duration, measured, number } from "./format.js";
import { w } from "./words.js";

const WAIT = 120;

/**
 * @param {import("./store.js").Store} store
 * @param {import("./lab.js").Lab} lab
 * @param {boolean} still Whether nothing moves by itself: then the rules are what there is to see.
 */
export function restView(store, lab, still) {
  const { payload, settings } = store;
  const time = payload.units.time ?? "";
  /** @type {import("./types.js").Rest|null} */
  let found = null;
  /** @type {import("./types.js").Rest|null} */
  let first = null;
  let timer = 0;
  const badge = h("p", { class: "badge", role: "status" }, w("run"));
  const facts = h("dl", { class: "facts" });
  const main = h("tbody");
  const others = h("tbody");
  const head = () => h("thead", {}, h("tr", {}, [w("quantity"), w("value"), w("atShipped")].map((words) => h("th", { scope: "col" }, words))));
  /** @type {(() => void)[]} */
  const listeners = [];

  async function solve() {
    try {
      first ??= await lab.client.rest({ p: {} });
      const asked = Object.keys(settings.p).length > 0;
      const answer = asked ? await lab.client.rest({ p: { ...settings.p } }, "rest") : first;
      if (!answer) return; // another one has been asked for since
      found = answer;
      told(answer.certificate);
    } catch (error) {
      found = null;
      badge.className = "badge bad";
      badge.textContent = `${w("noRest")}: ${error instanceof Error ? error.message : error}`;
      announce(badge.textContent ?? "");
      facts.replaceChildren();
    }
    fill();
    listeners.forEach((listener) => listener());
  }

  /** @param {import("./types.js").Certificate} certificate */
  function told(certificate) {
    const { status, imbalance, error, stable, slowest } = certificate;
    const good = status === "ok";
    badge.className = good ? "badge good" : "badge bad";
    badge.textContent = good ? `✓ ${w("certified")}` : `✗ ${w("noRest")} (${status})`;
    const stability = stable === null || stable === undefined ? w("unknown") : stable ? w("stable") : w("unstable");
    const rows = [[w("balance"), number(imbalance, 2)], [w("error"), number(error, 2)], ["", stability],
      [w("lasts"), slowest === null || slowest === undefined ? "–" : duration(slowest, time)]];
    facts.replaceChildren(...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  }

  function fill() {
    const row = (/** @type {import("./types.js").Quantity} */ quantity) => h("tr", {},
      h("th", { scope: "row", title: quantity.id }, store.nameOf(quantity.id)),
      h("td", {}, measured(found?.values?.[quantity.id], quantity.unit, 5)),
      h("td", {}, measured(first?.values?.[quantity.id], quantity.unit, 5)));
    const moving = payload.quantities.filter((quantity) => quantity.kind !== "constant");
    const isMain = (/** @type {import("./types.js").Quantity} */ quantity) => still || quantity.kind === "state";
    main.replaceChildren(...moving.filter(isMain).map(row));
    others.replaceChildren(...moving.filter((quantity) => !isMain(quantity)).map(row));
  }

  const data = () => ({
    name: `${payload.name}_steady_state`,
    text: csv([
      { title: "id", values: /** @type {any} */ (payload.quantities.map((quantity) => quantity.id)) },
      { title: "value", values: payload.quantities.map((quantity) => found?.values?.[quantity.id] ?? null) },
      { title: "unit", values: /** @type {any} */ (payload.quantities.map((quantity) => quantity.unit)) },
    ]),
  });
  store.on("p", () => { clearTimeout(timer); timer = window.setTimeout(solve, WAIT); });
  const saver = buttons({ svg: () => null, csv: data });
  saver.querySelectorAll("[data-save=svg], [data-save=png]").forEach((button) => button.remove());
  return {
    element: h("div", {}, still ? h("p", { class: "note" }, w("still")) : null, badge, still ? null : facts,
      h("div", { class: "wide" }, h("table", {}, head(), main)),
      still ? null : h("details", {}, h("summary", {}, w("others")), h("div", { class: "wide" }, h("table", {}, head(), others))), saver),
    solve,
    get found() { return found; },
    /** @param {() => void} listener */
    on(listener) { listeners.push(listener); },
  };
}
