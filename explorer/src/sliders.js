/** Sliders for what can be set: with unit, range, the mark of the first value, and a way back. */

import { announce, h } from "./dom.js";
import { measured, typable, typed } from "./format.js";
import { said, w } from "./words.js";

const STOPS = 1000;
/** Share of a slider that is zero where the rest is logarithmic, and how many decades that has. */
const ZERO = 0.04, DECADES = 5;

/**
 * From values to places on a slider and back: even, logarithmic, or logarithmic above zero.
 * @param {number} low @param {number} high @param {string} [wanted] `log` or `even`; by the ends else.
 */
export function scaleOf(low, high, wanted) {
  if (low > 0 && (wanted ? wanted === "log" : high / low >= 15)) {
    const span = Math.log(high / low);
    return {
      place: (/** @type {number} */ v) => (v > 0 ? Math.log(v / low) / span : 0),
      value: (/** @type {number} */ x) => rounded(low * Math.exp(x * span)),
    };
  }
  if (low === 0 && (wanted ? wanted === "log" : high <= 1e-2)) {
    const span = DECADES * Math.LN10, least = high / 10 ** DECADES;
    return {
      place: (/** @type {number} */ v) => (v < least ? (v / least) * ZERO : ZERO + (1 - ZERO) * (Math.log(v / least) / span)),
      value: (/** @type {number} */ x) => (x < ZERO ? 0 : rounded(least * Math.exp(((x - ZERO) / (1 - ZERO)) * span))),
    };
  }
  return {
    place: (/** @type {number} */ v) => (v - low) / (high - low),
    value: (/** @type {number} */ x) => rounded(low + x * (high - low)),
  };
}

/** @param {number} value */
const rounded = (value) => Number(value.toPrecision(4));

/** A range where provenance has none. @param {number} value @returns {[number, number]} */
function guessed(value) {
  if (!Number.isFinite(value) || value === 0) return [0, 1];
  return value > 0 ? [value / 10, value * 10] : [2 * value, 0];
}

/**
 * One slider.
 * @param {object} what
 * @param {string} what.id @param {string} what.label @param {string} what.unit
 * @param {string} [what.hint] @param {string} [what.scale]
 * @param {number} what.low @param {number} what.high @param {number} what.first
 * @param {() => number} what.get @param {(value: number) => void} what.set NaN: back.
 */
export function slider(what) {
  const low = Math.min(what.low, what.first), high = Math.max(what.high, what.first);
  const scale = scaleOf(low, high > low ? high : low + 1, what.scale);
  const spoken = () => measured(what.get(), what.unit, 4);
  const range = /** @type {HTMLInputElement} */ (h("input", {
    type: "range", min: 0, max: STOPS, step: 1, id: `slide-${what.id}`, "data-id": what.id,
    title: `${w("atShipped")}: ${measured(what.first, what.unit, 4)}`,
    oninput: () => what.set(scale.value(Number(range.value) / STOPS)),
    onchange: () => announce(`${what.label}: ${spoken()}`),
    ondblclick: () => what.set(NaN),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Delete" || event.key === "Backspace") what.set(NaN);
    },
  }));
  const box = /** @type {HTMLInputElement} */ (h("input", {
    type: "text", inputmode: "decimal", class: "value", "aria-label": `${what.label} ${w("value")}`,
    onchange: () => {
      const value = typed(box.value);
      if (Number.isFinite(value)) what.set(value);
      shown();
    },
  }));
  const back = h("button", {
    type: "button", class: "back", title: w("resetOne"), "aria-label": `${w("resetOne")}: ${what.label}`,
    onclick: () => what.set(NaN),
  }, "↺");
  const mark = h("span", { class: "mark", "aria-hidden": "true", style: `left:calc(8px + (100% - 16px) * ${clamped(scale.place(what.first)).toFixed(4)})` });
  const row = h("div", { class: "slider" },
    h("label", { for: `slide-${what.id}`, title: what.hint }, what.label),
    h("span", { class: "entry" }, box, h("span", { class: "unit" }, what.unit === "1" ? "" : what.unit), back),
    h("span", { class: "track" }, mark, range));

  function shown() {
    const value = what.get();
    range.value = String(Math.round(STOPS * clamped(scale.place(value))));
    range.setAttribute("aria-valuetext", spoken());
    if (document.activeElement !== box) box.value = typable(value);
    const changed = value !== what.first && !(Number.isNaN(value) && Number.isNaN(what.first));
    row.classList.toggle("changed", changed);
    back.toggleAttribute("disabled", !changed);
  }
  shown();
  return { row, shown };
}

/** @param {number} x */
const clamped = (x) => Math.min(1, Math.max(0, Number.isFinite(x) ? x : 0));

/** All sliders of a model, those of the lesson first. @param {import("./store.js").Store} store */
export function sliders(store) {
  /** @type {{row: HTMLElement, shown: () => void, text: string}[]} */
  const made = [];
  const firstOf = (/** @type {string} */ id) => store.byId.get(id)?.value ?? NaN;

  const knobs = (store.payload.lesson?.knobs ?? []).map((knob) => {
    const ids = knob.factors ?? [knob.id];
    const first = ids[0];
    const it = slider({
      id: knob.id, label: said(knob.label), unit: knob.factors ? "×" : store.unitOf(first),
      hint: ids.map((id) => `${store.nameOf(id)} (${id})`).join(", "),
      low: knob.low, high: knob.high, scale: knob.scale, first: knob.factors ? 1 : firstOf(first),
      get: () => (knob.factors ? rounded(store.value(first) / firstOf(first)) : store.value(first)),
      set: (value) => store.set(Object.fromEntries(ids.map((id) =>
        [id, knob.factors ? value * firstOf(id) : value]))),
    });
    made.push({ ...it, text: "" });
    return it.row;
  });

  const settable = store.payload.quantities.filter((quantity) => quantity.settable);
  const rowOf = (/** @type {import("./types.js").Quantity} */ quantity) => {
    const [low, high] = guessed(firstOf(quantity.id));
    const it = slider({
      id: `all-${quantity.id}`, label: quantity.name ? `${quantity.name} (${quantity.id})` : quantity.id,
      unit: quantity.unit, low: quantity.low ?? low, high: quantity.high ?? high,
      first: firstOf(quantity.id), get: () => store.value(quantity.id),
      set: (value) => store.set({ [quantity.id]: value }),
    });
    made.push({ ...it, text: `${quantity.id} ${quantity.name}`.toLowerCase() });
    return it.row;
  };
  const constants = settable.filter((quantity) => quantity.kind !== "state").map(rowOf);
  const starts = settable.filter((quantity) => quantity.kind === "state").map(rowOf);
  const none = h("p", { class: "note", hidden: true }, w("noMatch"));
  const search = /** @type {HTMLInputElement} */ (h("input", {
    type: "search", placeholder: w("search"), "aria-label": w("search"),
    oninput: () => {
      const wanted = search.value.trim().toLowerCase();
      let found = 0;
      for (const { row, text } of made) {
        if (!text) continue;
        row.hidden = !text.includes(wanted);
        found += row.hidden ? 0 : 1;
      }
      none.hidden = found > 0;
    },
  }));
  const list = h("div", {}, search, none, constants,
    starts.length ? h("h3", {}, w("alsoStates")) : null, starts);
  const all = knobs.length
    ? h("details", {}, h("summary", {}, `${w("also")} (${settable.length})`), list) : list;
  store.on("p", () => made.forEach(({ shown }) => shown()));
  return h("div", { class: "sliders" }, strip(store), knobs, all);
}

/** On a phone, where curves are out of sight while a slider is pulled: what they come to. */
function strip(/** @type {import("./store.js").Store} */ store) {
  const words = h("p", { class: "strip", "aria-hidden": "true" });
  store.on("shown", () => {
    if (!words.clientWidth) return;
    const now = store.settings.shown.slice(0, 6).map((id) =>
      `${id}\u00a0${measured(store.shown[id], store.unitOf(id)).replaceAll(" ", "\u00a0")}`).join(" · ");
    if (words.textContent !== now) words.textContent = now;
  });
  return words;
}
