/** The page: its panels, and what its address says. @module */

import "uplot/dist/uPlot.min.css";
import "./page.css";

import { framed, fromHash, modelOf, remember, remembered, toHash } from "./address.js";
import { staircase, waterfall } from "./bars.js";
import { courses } from "./courses_view.js";
import { announce, h, select } from "./dom.js";
import { stoichiometry, symporters } from "./energy.js";
import { makeLab } from "./lab.js";
import { phase } from "./phase_view.js";
import { restView } from "./rest_view.js";
import { scan } from "./scan_view.js";
import { schematic } from "./schematic.js";
import { sliders } from "./sliders.js";
import { makeStore } from "./store.js";
import { tour } from "./tour.js";
import { language, setLanguage, w } from "./words.js";

/** How long a course is until it is known how fast a model is, in its time; then, so many times its slowest motion. */
const SUPPOSED = 100, LASTS = 5;
/** After what time of the page's own it is made ready to answer fast [ms]. */
const QUIET = 300;
const textsOf = (/** @type {string} */ selector) => [...document.querySelectorAll(selector)].map((each) => each.textContent ?? "");
/** The models that the page holds, with their programs; most pages hold one. */
const programs = textsOf(".program");
const held = textsOf(".model").map((text, n) => ({ payload: /** @type {import("./types.js").Payload} */ (JSON.parse(text)), program: programs[n] }));
/** Those that it can show; others are run in its tour. */
const models = held.filter((each) => each.payload.title);
const wanted = modelOf(remembered());
const shown = models.find((each) => each.payload.name === wanted) ?? models[0];
const { payload } = shown;
const { Client } = globalThis.explorerEngine;
const asked = fromHash(remembered(), payload);
setLanguage(asked.language ?? (navigator.language.startsWith("de") ? "de" : "en"));
const store = makeStore(payload, { ...firstSettings(), ...asked.settings });
const client = new Client(payload, [...textsOf("#engine"), shown.program]);
/** By model, of which the tour asks for others. @type {Map<string, {payload: import("./types.js").Payload, engine: any}>} */
const running = new Map([[payload.name, { payload, engine: client }]]);
const lab = makeLab(store, client);

/** A model of the page, and an engine for it. @param {string} name */
function modelNamed(name) {
  if (!running.has(name)) {
    const { payload: other, program } = /** @type {typeof shown} */ (held.find((each) => each.payload.name === name));
    running.set(name, { payload: other, engine: new Client(other, [...textsOf("#engine"), program]) });
  }
  return /** @type {NonNullable<ReturnType<typeof running.get>>} */ (running.get(name));
}

/** For scripts and tests. */
globalThis.explorer = { payload, client, store, lab, resting: () => resting.found };

/** Whether nothing moves by itself, so that all values follow the settings at once. */
const still = payload.engine.independent.length === 0 && payload.engine.standing;

/** What is shown before anybody has chosen. @returns {import("./store.js").Settings} */
function firstSettings() {
  const { quantities, lesson } = payload;
  const moving = quantities.filter((quantity) => quantity.kind !== "constant");
  const own = moving.filter((quantity) => quantity.kind === "state" && quantity.settable);
  const settable = quantities.filter((quantity) => quantity.settable && quantity.kind !== "state");
  const shown = lesson ? lesson.shown.filter((id) => moving.some((quantity) => quantity.id === id))
    : [...own, ...moving.filter((quantity) => !own.includes(quantity))].slice(0, own.length ? Math.min(5, own.length) : 3).map((quantity) => quantity.id);
  const pick = (/** @type {number} */ n) => shown[n] ?? shown[0] ?? "";
  return {
    p: {}, shown, end: lesson?.end ?? payload.horizon ?? SUPPOSED, mode: lesson && !still ? "live" : "whole",
    x: lesson ? pick(1) : pick(shown.length - 1), y: pick(0), scanned: lesson?.knobs[0]?.id ?? settable[0]?.id ?? "", scanOf: pick(0),
  };
}

/** A panel that opens and closes; what is closed is not drawn. */
function panel(/** @type {string} */ id, /** @type {string} */ title, /** @type {HTMLElement} */ body, open = true, opened = () => {}) {
  const box = /** @type {HTMLDetailsElement} */ (h("details", { class: "panel", id, open },
    h("summary", {}, h("h2", {}, title)), body));
  box.addEventListener("toggle", () => box.open && opened());
  return box;
}

function themed(/** @type {string} */ theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.dispatchEvent(new Event("themed"));
}

/** Go to the curves; the address keeps the settings. @param {Event} event */
function skipped(event) {
  event.preventDefault();
  /** @type {HTMLElement|null} */ (document.querySelector(".views summary"))?.focus();
}

/** Open the page anew, with its settings, in another language or for another of its models. */
function reopened(/** @type {string} */ model, /** @type {string} */ tongue) {
  remember(toHash(store.settings, tongue, model));
  location.reload();
}

function header(/** @type {ReturnType<typeof tour>} */ guide) {
  const languages = select([["en", "English"], ["de", "Deutsch"]], language(), {
    "aria-label": "Language / Sprache",
    onchange: () => reopened(payload.name, languages.value),
  });
  const others = models.length < 2 ? null : select(models.map(({ payload: { name, lesson, title } }) =>
    [name, (lesson && stoichiometry(lesson)) || title]), payload.name, {
    id: "fellows", "aria-label": w("stoich"), onchange: () => reopened(/** @type {any} */ (others).value, language()),
  });
  const theme = select([["auto", `${w("dark")}: auto`], ["light", "☀"], ["dark", "☾"]], "auto", {
    "aria-label": w("dark"), onchange: () => themed(theme.value),
  });
  const copy = h("button", {
    type: "button", onclick: async () => {
      remember(toHash(store.settings, language(), payload.name));
      try {
        await navigator.clipboard.writeText(location.href);
      } catch { /* The address bar has it */ }
      copy.textContent = w("copied");
      announce(w("copied"));
      setTimeout(() => { copy.textContent = w("copy"); }, 1500);
    },
  }, w("copy"));
  return h("header", {}, h("a", { class: "skip", href: `#${still ? "rest" : "courses"}`, onclick: skipped }, w("skipTo")), h("h1", {}, payload.title),
    h("div", { class: "tools" },
      guide.stages.length ? h("button", { type: "button", class: "primary", id: "open-tour", onclick: guide.open }, `${w("opens")} (${guide.stages.length})`) : null,
      others, framed ? null : copy, h("button", { type: "button", id: "reset", onclick: () => store.reset() }, w("reset")), theme, languages));
}

function build() {
  const guide = tour(store, lab, modelNamed);
  const resting = restView(store, lab, still);
  const plots = courses(store, lab);
  const plane = phase(store, lab, () => resting.found);
  const scanned = scan(store, lab);
  const planePanel = panel("phase", w("phase"), plane.element, false, plane.draw);
  const scanPanel = panel("scan", w("scan"), scanned.element, still, scanned.draw);
  lab.on((what) => what === "run" && planePanel.open && plane.draw());
  resting.on(() => planePanel.open && plane.draw());
  store.on("p", () => scanPanel.open && scanned.later());
  store.on("view", () => planePanel.open && plane.draw());
  for (const what of ["p", "view"]) {
    store.on(what, () => remember(toHash(store.settings, language(), payload.name)));
  }
  const lesson = payload.lesson ? [
    panel("cell", w("what"), schematic(store).element),
    h("div", { class: "pair" }, panel("gradient", w("gradient"), staircase(store).element),
      symporters(payload.lesson).coupled.length ? panel("energy", w("energy"), waterfall(store).element) : null),
  ] : [];
  const refused = payload.refusals.length
    ? h("section", { class: "refusals", role: "note" }, h("strong", {}, w("canNot")), h("ul", {}, payload.refusals.map((words) => h("li", {}, words)))) : null;
  const about = panel("about", w("about"), h("div", {}, h("p", {}, w("helpText")),
    payload.notes.split("\n").map((words) => h("p", {}, words)),
    h("p", { class: "note" }, `${payload.name} · ${payload.version} · SHA-256 ${payload.hash.slice(0, 16)}…`)), false);
  const side = panel("settings", w("settings"), sliders(store));
  const views = still ? [panel("rest", w("rest"), resting.element), scanPanel, about]
    : [panel("courses", w("courses"), plots.element, true, plots.draw), panel("rest", w("rest"), resting.element),
      planePanel, scanPanel, about];
  document.getElementById("explorer")?.replaceChildren(header(guide), ...(refused ? [refused] : []),
    h("div", { class: payload.lesson ? "columns lesson" : "columns" }, h("div", { class: "side" }, side),
      lesson.length ? h("div", { class: "scene" }, lesson) : null, h("div", { class: "views" }, views)),
    h("p", { id: "live", class: "hidden", role: "status", "aria-live": "polite" }));
  return { resting };
}

/** Tell the notebook what is set, and do as it says. */
function converse() {
  const tell = () => parent.postMessage({ explorer: payload.name, values: { ...store.settings.p } }, "*");
  store.on("p", tell);
  tell();
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || typeof data?.values !== "object" || data.values === null) return;
    const known = Object.entries(data.values).filter(([id, value]) => store.byId.get(id)?.settable && Number.isFinite(value));
    const back = Object.keys(store.settings.p).map((id) => [id, NaN]);
    store.set(Object.fromEntries([...back, ...known]));
  });
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("themed")));
if (framed) converse();
// Another link, put into the address of this page
addEventListener("hashchange", () => location.reload());
const { resting } = build();
lab.begin().then(() => {
  if (payload.lesson && store.settings.mode === "live") lab.play();
  // A course that cannot be followed says so where it is asked for
  setTimeout(() => client.warm({ end: store.settings.end }).catch(() => {}), QUIET);
});
resting.solve().then(() => {
  const slowest = resting.found?.certificate.slowest;
  if (payload.lesson || payload.horizon || asked.settings.end || !slowest || !Number.isFinite(slowest)) return;
  store.change({ end: Number((LASTS * slowest).toPrecision(1)) });
  lab.refresh();
});
