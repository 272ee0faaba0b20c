/** Courses: a plot for each unit, whole or running. */

import { several } from "./choices.js";
import { h, select } from "./dom.js";
import { savers } from "./export.js";
import { duration, titled, typed } from "./format.js";
import { COLOURS, makePlot, onTimes } from "./plot.js";
import { w } from "./words.js";

/** Model time that passes in a second, and how many seconds of it a running plot shows. */
const SPEEDS = [1, 10, 60, 600, 3600], WINDOW = 45;

/** @param {import("./store.js").Store} store @param {import("./lab.js").Lab} lab */
export function courses(store, lab) {
  const { settings, payload } = store;
  const time = payload.units.time ?? "";
  const host = h("div", { class: "plots" });
  const failed = h("p", { class: "failed", role: "alert", hidden: true });
  /** @type {Map<string, {plot: ReturnType<typeof makePlot>, box: HTMLElement}>} */
  const plots = new Map();

  function plotOf(/** @type {string} */ unit) {
    const there = plots.get(unit);
    if (there) return there;
    const box = h("div", { class: "unit-plot" });
    host.append(box);
    const plot = makePlot(box);
    box.append(savers(() => plot.spec));
    plot.onHover((index) => {
      if (settings.mode === "whole") lab.show(index ?? lab.run.t.length - 1);
    });
    plots.set(unit, { plot, box });
    return { plot, box };
  }

  function draw() {
    failed.hidden = !lab.failure;
    failed.textContent = lab.failure && `${w("courseFailed")}: ${lab.failure}`;
    const { run, ghost } = lab;
    if (!run.t.length) return;
    const from = settings.mode === "live" ? run.t[run.t.length - 1] - lab.speed * WINDOW : -Infinity;
    let first = 0;
    while (first < run.t.length - 2 && run.t[first + 1] < from) first++;
    const t = run.t.slice(first);
    const units = new Map();
    settings.shown.forEach((id, n) => {
      const unit = store.unitOf(id);
      units.set(unit, [...(units.get(unit) ?? []), { id, colour: COLOURS[n % COLOURS.length] }]);
    });
    for (const [unit, { plot, box }] of plots) {
      if (units.has(unit)) continue;
      plot.remove();
      box.remove();
      plots.delete(unit);
    }
    for (const [unit, list] of units) {
      const curves = list.flatMap((/** @type {{id: string, colour: string}} */ { id, colour }) => [
        { label: id, colour, values: (run.columns[id] ?? []).slice(first) },
        ...(ghost?.columns[id] ? [{ label: id, colour, dashed: true, values: onTimes(t, ghost.t, ghost.columns[id]) }] : []),
      ]);
      plotOf(unit).plot.draw({
        name: `${payload.name}_course`,
        x: { label: titled(w("time"), time === "s" ? "" : time), values: t, time: time || "1" },
        y: { label: titled(list.length === 1 ? list[0].id : "", unit) }, curves,
      });
    }
    note.hidden = !ghost;
  }

  const note = h("p", { class: "note", hidden: true }, w("compare"));
  const play = h("button", { type: "button", class: "play", onclick: () => (lab.playing ? lab.pause() : lab.play()) });
  const speed = select(speeds(time, settings.end).map((n) => [String(n), `${duration(n, time)} ${w("perSecond")}`]),
    String(lab.speed), { "aria-label": w("speed"), onchange: () => { lab.speed = Number(speed.value); } });
  lab.speed = Number(speed.value);
  const rest = h("button", { type: "button", onclick: () => lab.toRest().catch(() => {}) }, w("toRest"));
  const again = h("button", { type: "button", onclick: () => lab.restart() }, w("restart"));
  const live = h("span", { class: "controls" }, play, speed, rest, again);
  const end = /** @type {HTMLInputElement} */ (h("input", {
    type: "text", inputmode: "decimal", class: "value", value: String(settings.end), "aria-label": w("end"),
    onchange: () => {
      const value = typed(end.value);
      if (value > 0) { store.change({ end: value }); lab.refresh(); }
      end.value = String(settings.end);
    },
  }));
  const whole = h("label", { class: "controls" }, `${w("end")} `, end, ` ${time}`);
  const mode = select([["whole", w("whole")], ["live", w("live")]], settings.mode, {
    onchange: () => lab.switchTo(/** @type {any} */ (mode.value)),
  });

  function controls() {
    mode.value = settings.mode;
    live.hidden = settings.mode !== "live";
    whole.hidden = settings.mode !== "whole";
    end.value = String(settings.end);
    play.textContent = lab.playing ? `❚❚ ${w("pause")}` : `▶ ${w("play")}`;
    play.setAttribute("aria-pressed", String(lab.playing));
  }
  controls();
  lab.on((what) => (what === "state" ? controls() : draw()));
  store.on("view", () => { controls(); draw(); });
  const bar = h("div", { class: "bar" }, h("label", {}, `${w("mode")} `, mode), live, whole);
  return {
    element: h("div", {}, bar, several(store, () => settings.shown, (shown) => store.change({ shown })),
      failed, host, note),
    draw,
  };
}

/** Speeds to choose from; of a model without seconds, shares of its duration. */
function speeds(/** @type {string} */ time, /** @type {number} */ end) {
  if (time === "s") return SPEEDS;
  return [300, 60, 20, 5].map((n) => Number((end / n).toPrecision(1)));
}
