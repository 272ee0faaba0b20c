/** The guided tour: each claim is predicted, done, seen and judged, by the experiments' protocols. */

import { announce, h } from "./dom.js";
import { savers } from "./export.js";
import { duration, measured, number, titled } from "./format.js";
import { along, trend } from "./measures.js";
import { COLOURS, makePlot } from "./plot.js";
import { follow, judgements } from "./stage.js";
import { language, said, w } from "./words.js";

/**
 * @param {import("./store.js").Store} store
 * @param {import("./lab.js").Lab} lab
 * @param {Parameters<typeof follow>[1]} modelOf
 */
export function tour(store, lab, modelOf) {
  const stages = store.payload.lesson?.tour ?? [];
  const time = store.payload.units.time ?? "";
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: "tour", "aria-labelledby": "tour-title" }));
  document.body.append(dialog);
  let number_ = 0;
  /** @type {{predicted: string, holds: boolean}[]} */
  const results = [];
  /** Of what belongs to a page of the tour that is no longer there. */
  let turn = 0;

  /** @param {import("./types.js").Stage} stage @param {Record<string, any>} courses */
  function answer(stage, courses) {
    const { arm, watched } = asked(stage);
    const values = along(watched.formula, courses[arm.name]);
    // An arm in which nothing changes on the way is held against the first
    if (!changes(arm)) return trend(Number(along(watched.formula, courses[stage.arms[0].name]).at(-1)), Number(values.at(-1)));
    const way = trend(values[0], Number(values.at(-1)));
    // What goes and comes back has gone
    const furthest = values.reduce((far, value) => (Math.abs(value - values[0]) > Math.abs(far - values[0]) ? value : far), values[0]);
    return way === "stays" ? trend(values[0], furthest) : way;
  }

  function show() {
    const mine = ++turn;
    const stage = stages[number_];
    const { arm, watched } = asked(stage);
    const seen = h("div", { class: "seen" });
    const run_ = /** @type {HTMLButtonElement} */ (h("button", { type: "button", class: "primary", "data-tour": "run", disabled: true, onclick: go }, w("done")));
    const options = /** @type {const} */ (["rises", "stays", "falls"]).map((way) =>
      h("label", { class: "option" }, h("input", { type: "radio", name: "prediction", value: way, onchange: () => { run_.disabled = false; } }), ` ${w(way)}`));
    const next = h("button", { type: "button", class: "primary", "data-tour": "next", disabled: true, onclick: () => (number_ + 1 < stages.length ? step(1) : end()) },
      number_ + 1 < stages.length ? w("next") : w("finish"));

    async function go() {
      const chosen = /** @type {HTMLInputElement|null} */ (dialog.querySelector("input[name=prediction]:checked"));
      run_.disabled = true;
      seen.replaceChildren(h("p", { role: "status" }, w("run")));
      try {
        const courses = await follow(stage, modelOf);
        if (mine !== turn) return;
        const held = verdict(stage, courses, seen, chosen?.value ?? "");
        results[number_] = { predicted: chosen?.value ?? "", holds: held };
      } catch (error) {
        seen.replaceChildren(h("p", { class: "failed", role: "alert" }, `${w("failed")}: ${error instanceof Error ? error.message : error}`));
      }
      next.removeAttribute("disabled");
    }

    dialog.replaceChildren(
      h("div", { class: "tour-head" },
        h("p", { class: "progress" }, `${w("claim")} ${number_ + 1} ${w("ofStages")} ${stages.length}`),
        h("button", { type: "button", class: "small", "data-tour": "close", "aria-label": w("close"), onclick: () => dialog.close() }, "×")),
      h("h2", { id: "tour-title", tabindex: -1 }, said(stage.title)),
      h("p", { class: "claim" }, said(stage.claim)),
      h("h3", {}, `1 · ${w("predict")}`),
      h("fieldset", {}, h("legend", {}, `${w("whatHappens")} ${said(watched.label)} ${w("when")} ${quoted(said(arm.label))}?`), options),
      h("h3", {}, `2 · ${w("doNow")}`), h("ul", { class: "arms" }, stage.arms.map((each) => h("li", {}, h("strong", {}, said(each.label)), done(each)))),
      run_, seen,
      h("div", { class: "tour-foot" },
        h("button", { type: "button", disabled: number_ === 0, onclick: () => step(-1) }, w("previous")), next));
    dialog.scrollTop = 0;
    dialog.querySelector("h2")?.focus();
  }

  /** What is done in an arm, in words. @param {import("./types.js").Arm} arm */
  function done(arm) {
    const told = (/** @type {Record<string, number>} */ set) => Object.entries(set)
      .map(([id, value]) => `${id} = ${measured(value, store.unitOf(id), 4)}`).join(", ");
    const parts = [Object.keys(arm.settings).length ? `${w("start")}: ${told(arm.settings)}` : "",
      Object.keys(arm.held).length ? `${w("clampedAt")} ${told(arm.held)}` : "",
      ...arm.steps.filter(sets).map((each) => `${duration(each.at, time)}: ${told(each.set)}`),
      ...arm.ramps.map(({ id, start, end, to }) => `${duration(start, time)} ${w("to")} ${duration(end, time)}: ${id} → ${measured(to, store.unitOf(id), 4)}`),
    ].filter(Boolean);
    return parts.length ? `: ${parts.join("; ")}` : "";
  }

  /** Curves, checks and the judgement. */
  function verdict(/** @type {import("./types.js").Stage} */ stage, /** @type {Record<string, any>} */ courses, /** @type {HTMLElement} */ host, /** @type {string} */ chosen) {
    const plots = h("div", { class: "plots" });
    const rows = judgements(stage, courses);
    const held = rows.every((row) => row.holds);
    const right = answer(stage, courses);
    host.replaceChildren(h("h3", {}, `3 · ${w("see")}`), plots, h("h3", {}, `4 · ${w("verdict")}`),
      h("p", { class: "answer" }, `${said(asked(stage).watched.label)}: ${w(right)} ${chosen === right ? w("right") : w("wrong")}`),
      h("ul", { class: "checks" }, rows.map(({ check, effect, holds }) => h("li", { class: holds ? "good" : "bad" },
        h("span", { "aria-label": holds ? w("held") : w("notHeld") }, holds ? "✓ " : "✗ "), said(check.meaning),
        effect === null || !check.window ? null : h("span", { class: "note" },
          ` ${measured(effect, check.window.unit)} (${w("expected")} ${number(check.window.low)} ${w("to")} ${measured(check.window.high, check.window.unit)})`),
        said(check.why) ? h("details", { class: "why" }, h("summary", {}, w("why")), said(check.why)) : null))),
      h("p", { class: held ? "badge good" : "badge bad", "data-tour": "verdict", "data-holds": String(held) }, held ? w("holdsAll") : w("holdsNot")));
    stage.watch.forEach((watched) => {
      const box = h("div", { class: "unit-plot" });
      plots.append(box);
      const plot = makePlot(box, 190);
      // Arms have points of their own where something is set; each is drawn over its own times
      const times = [...new Set(stage.arms.flatMap((arm) => [...courses[arm.name].t]))].sort((a, b) => a - b);
      plot.draw({
        name: `${stage.name}_${watched.label.en}`,
        x: { label: titled(w("time"), time === "s" ? "" : time), values: times, time: time || "1" },
        y: { label: titled(typeof watched.formula === "string" ? watched.formula : said(watched.label), watched.unit) },
        curves: stage.arms.map((arm, n) => ({ label: said(arm.label), colour: COLOURS[n % COLOURS.length],
          values: spread(times, courses[arm.name].t, along(watched.formula, courses[arm.name])) })),
      });
      box.append(savers(() => plot.spec));
    });
    announce(`${w("verdict")}: ${held ? w("holdsAll") : w("holdsNot")}`);
    return held;
  }

  function end() {
    turn++;
    const held = results.filter((result) => result?.holds).length;
    dialog.replaceChildren(h("h2", { id: "tour-title", tabindex: -1 }, w("tourDone")),
      h("p", { "data-tour": "end", "data-held": held }, `${w("held")}: ${held} ${w("ofStages")} ${stages.length}`),
      h("div", { class: "tour-foot" },
        h("button", { type: "button", onclick: () => { number_ = 0; show(); } }, w("restart")),
        h("button", { type: "button", class: "primary", "data-tour": "close", onclick: () => dialog.close() }, w("close"))));
    dialog.querySelector("h2")?.focus();
  }

  /** @param {number} by */
  function step(by) {
    number_ += by;
    show();
  }

  let ran = false;
  dialog.addEventListener("close", () => {
    turn++;
    if (ran) lab.play();
  });

  return {
    stages,
    open() {
      ran = lab.playing;
      lab.pause();
      if (!dialog.open) dialog.showModal();
      show();
    },
  };
}

/** Whether anything changes in an arm on its way. @param {import("./types.js").Arm} arm */
const changes = (arm) => arm.steps.some(sets) || arm.ramps.length > 0;

/**
 * What is asked: what becomes, in the last arm in which something changes by hand, of the first thing watched that the hand
 * does not move itself.
 * @param {import("./types.js").Stage} stage
 */
function asked({ arms, watch }) {
  const isFree = (/** @type {import("./types.js").Arm} */ arm) => Object.keys(arm.held).length === 0;
  const arm = arms.findLast((each) => isFree(each) && changes(each)) ?? arms.findLast(isFree) ?? arms[0];
  const moved = new Set([...Object.keys(arm.settings), ...arm.steps.flatMap((step) => Object.keys(step.set)), ...arm.ramps.map((ramp) => ramp.id)]);
  return { arm, watched: watch.find(({ formula }) => !moved.has(formula)) ?? watch[0] };
}

/** Whether a step sets anything; one that does not makes a point. @param {import("./types.js").Step} step */
const sets = (step) => Object.keys(step.set).length > 0;

/** @param {string} words */
const quoted = (words) => (language() === "de" ? `„${words}“` : `“${words}”`);

/** Values over all times: those between an arm's own are on the line between its neighbours. */
function spread(/** @type {number[]} */ times, /** @type {ArrayLike<number>} */ t, /** @type {ArrayLike<number>} */ y) {
  let n = 0;
  return times.map((time) => {
    while (n < t.length - 1 && t[n + 1] <= time) n++;
    if (n === t.length - 1 || t[n] === time) return y[n];
    return y[n] + ((time - t[n]) / (t[n + 1] - t[n])) * (y[n + 1] - y[n]);
  });
}
