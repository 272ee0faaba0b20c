/** Curves, by uPlot, with values where the pointer is. */

import uPlot from "uplot";

import { h } from "./dom.js";
import { duration, number } from "./format.js";

/** Okabe and Ito's palette, told apart by every kind of colour vision. */
export const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "ink", "#808080"];

/**
 * @typedef {object} Curve
 * @property {string} label
 * @property {ArrayLike<number|null>} values
 * @property {string} colour
 * @property {boolean} [dashed]
 * @property {boolean} [dots]
 *
 * @typedef {object} Spec What is drawn; the same makes the figure that is saved.
 * @property {string} name Of files.
 * @property {{label: string, values: ArrayLike<number>, log?: boolean, time?: string}} x
 * @property {{label: string}} y
 * @property {Curve[]} curves
 * @property {boolean} [sorted] Whether x only grows; a phase plane's does not.
 * @property {{x: number, y: number}[]} [marks]
 */

/** Distances of ticks on an axis of seconds. */
const SECONDS = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800,
  3600, 7200, 14400, 21600, 43200, 86400, 172800, 432000, 864000, 8640000, 86400000];

/** Room for an axis's numbers [px]. */
const needed = (/** @type {any} */ _, /** @type {string[]|null} */ words) =>
  14 + 7 * Math.max(2, ...(words ?? []).map((each) => each.length));

/** @param {string} name */
export function ink(name = "--ink") {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#222";
}

/** @param {string} colour */
export const painted = (colour) => (colour === "ink" ? ink() : colour);

/** A plot in a host, which it fills. @param {HTMLElement} host @param {number} [height] */
export function makePlot(host, height = 210) {
  const box = h("div", { class: "plot", role: "img" });
  host.append(box);
  /** @type {uPlot|null} */
  let plot = null;
  /** @type {Spec|null} */
  let spec = null;
  let shape = "";
  /** @type {((index: number|null) => void)|null} */
  let hovered = null;

  const width = () => Math.max(240, Math.floor(box.clientWidth || host.clientWidth || 320));

  /** @param {Spec} wanted */
  const dataOf = (wanted) => /** @type {any} */ (
    wanted.sorted === false
      ? [null, ...wanted.curves.map((curve) => [Array.from(wanted.x.values), Array.from(curve.values)])]
      : [wanted.x.values, ...wanted.curves.map((curve) => curve.values)]);

  /** @param {Spec} wanted @returns {any} */
  function options(wanted) {
    const grid = { stroke: () => ink("--grid"), width: 1 };
    const axis = { stroke: () => ink(), grid, ticks: { show: false }, font: "12px system-ui, sans-serif", labelFont: "12px system-ui, sans-serif", labelSize: 18, labelGap: 0 };
    const told = (/** @type {number} */ value) =>
      wanted.x.time ? duration(value, wanted.x.time) : number(value, 4);
    return {
      width: width(), height, pxAlign: 0, mode: wanted.sorted === false ? 2 : 1,
      padding: [10, 26, 0, 0],
      legend: { show: wanted.sorted !== false, live: true },
      cursor: { drag: { x: true, y: false }, points: { size: 7 } },
      scales: {
        x: { time: false, distr: wanted.x.log ? 3 : 1, auto: true,
          range: wanted.sorted === false ? () => extent([(spec ?? wanted).x.values]) : undefined },
        y: { auto: true, range: wanted.sorted === false ? () => extent((spec ?? wanted).curves.map((curve) => curve.values)) : padded },
      },
      axes: [
        { ...axis, label: wanted.x.label, size: 34, space: 72, incrs: wanted.x.time === "s" ? SECONDS : undefined,
          values: (/** @type {any} */ _, /** @type {any[]} */ ticks) => timed(ticks, wanted.x) },
        { ...axis, label: wanted.y.label, size: needed, values: (/** @type {any} */ _, /** @type {any[]} */ ticks) =>
          ticks.map((tick) => (tick === null ? "" : number(tick, 6))) },
      ],
      series: [
        wanted.sorted === false ? {} : { label: wanted.x.label, value: (/** @type {any} */ _, /** @type {number|null} */ value) =>
          value === null ? "–" : told(value) },
        ...wanted.curves.map((curve) => ({
          label: curve.label, stroke: () => painted(curve.colour), width: curve.dashed ? 1.2 : 2,
          dash: curve.dashed ? [5, 4] : undefined, points: { show: Boolean(curve.dots), size: 4 },
          spanGaps: false, class: curve.dashed ? "ghost" : undefined,
          ...(wanted.sorted === false
            ? { facets: [{ scale: "x", auto: true }, { scale: "y", auto: true }], paths: joined }
            : { value: (/** @type {any} */ _, /** @type {number|null} */ value) =>
              value === null || value === undefined ? "–" : number(value, 4) }),
        })),
      ],
      hooks: {
        setCursor: [(/** @type {any} */ made) => hovered?.(made.cursor.idx ?? null)],
        draw: [(/** @type {any} */ made) => marks(made, spec?.marks ?? [])],
      },
    };
  }

  function redraw() {
    if (!spec || !box.isConnected) return;
    plot?.destroy();
    plot = new uPlot(options(spec), dataOf(spec), box);
  }

  new ResizeObserver(() => {
    if (plot && Math.abs(plot.width - width()) > 1) plot.setSize({ width: width(), height });
  }).observe(box);
  document.addEventListener("themed", redraw);

  return {
    box,
    /** @param {Spec} wanted */
    draw(wanted) {
      spec = wanted;
      const next = JSON.stringify([wanted.x.label, wanted.x.log, wanted.y.label, wanted.sorted,
        wanted.curves.map((curve) => [curve.label, curve.colour, curve.dashed])]);
      box.setAttribute("aria-label", summary(wanted));
      if (plot && next === shape) plot.setData(dataOf(wanted));
      else redraw();
      shape = next;
    },
    get spec() {
      return spec;
    },
    /** @param {(index: number|null) => void} listener */
    onHover(listener) {
      hovered = listener;
    },
    remove() {
      plot?.destroy();
      document.removeEventListener("themed", redraw);
      box.remove();
    },
  };
}

/** Ends of a scale; one that hardly moves is not blown up to show rounding. */
function padded(/** @type {any} */ _, /** @type {number|null} */ low, /** @type {number|null} */ high) {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const least = 0.004 * Math.max(Math.abs(low), Math.abs(high)) || 1;
  const room = Math.max(0.06 * (high - low), least);
  return [low - room, high + room];
}

/** Ends of a scale over all that is drawn, gaps apart. @param {ArrayLike<number|null>[]} lists */
function extent(lists) {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) {
    for (let n = 0; n < list.length; n++) {
      const value = list[n];
      if (value === null || !Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return padded(null, low, high);
}

/** Times on an axis: seconds as what their distance is told in. */
function timed(/** @type {any[]} */ ticks, /** @type {Spec["x"]} */ x) {
  const apart = Math.abs(ticks[1] - ticks[0]);
  return ticks.map((tick) => (tick === null ? "" : x.time ? duration(tick, x.time, apart) : number(tick, 6)));
}

/** Joins points in their own order, which uPlot does not do where x turns back. */
function joined(/** @type {any} */ made, /** @type {number} */ index) {
  const [xs, ys] = made.data[index];
  const path = new Path2D();
  let pen = false;
  for (let n = 0; n < xs.length; n++) {
    const [x, y] = [made.valToPos(xs[n], "x", true), made.valToPos(ys[n], "y", true)];
    if (!Number.isFinite(x) || !Number.isFinite(y)) pen = false;
    else if (pen) path.lineTo(x, y);
    else { path.moveTo(x, y); pen = true; }
  }
  const { ctx } = made;
  ctx.save();
  ctx.strokeStyle = made.series[index].stroke();
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.setLineDash(made.series[index].dash ?? []);
  ctx.stroke(path);
  ctx.restore();
  return null;
}

function marks(/** @type {any} */ made, /** @type {{x: number, y: number}[]} */ points) {
  const { ctx } = made;
  ctx.save();
  ctx.fillStyle = ink();
  for (const point of points) {
    ctx.beginPath();
    ctx.arc(made.valToPos(point.x, "x", true), made.valToPos(point.y, "y", true), 4.5 * devicePixelRatio, 0, 7);
    ctx.fill();
  }
  ctx.restore();
}

/** What a plot shows, for those who do not see it. @param {Spec} spec */
function summary(spec) {
  const parts = spec.curves.filter((curve) => !curve.dashed).map((curve) => {
    const values = Array.from(curve.values).filter((value) => value !== null && Number.isFinite(value));
    return `${curve.label}: ${number(values[0])} → ${number(values.at(-1))}`;
  });
  return `${spec.y.label}, ${spec.x.label}. ${parts.join("; ")}`;
}

/** A course's values at other times. */
export function onTimes(/** @type {ArrayLike<number>} */ t, /** @type {ArrayLike<number>} */ from, /** @type {ArrayLike<number>} */ values) {
  const found = new Float64Array(t.length);
  let n = 0;
  for (let k = 0; k < t.length; k++) {
    while (n < from.length - 2 && from[n + 1] < t[k]) n++;
    const span = from[n + 1] - from[n];
    const share = span > 0 ? Math.min(1, Math.max(0, (t[k] - from[n]) / span)) : 1;
    found[k] = from.length > 1 ? values[n] + share * (values[n + 1] - values[n]) : values[0];
  }
  return found;
}
