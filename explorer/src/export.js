/** Figures and data as files. */

import { h, s } from "./dom.js";
import { duration, number } from "./format.js";
import { painted } from "./plot.js";
import { w } from "./words.js";

/** @param {string} name @param {Blob} blob */
function download(name, blob) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Buttons that save what a view shows. @param {() => import("./plot.js").Spec|null} spec */
export function savers(spec) {
  const made = () => {
    const wanted = spec();
    return wanted && { wanted, svg: drawn(wanted) };
  };
  return buttons({
    svg: () => { const it = made(); return it && { name: it.wanted.name, svg: it.svg }; },
    csv: () => { const it = spec(); return it && { name: it.name, text: table(it) }; },
  });
}

/**
 * @param {{svg: () => {name: string, svg: SVGElement}|null,
 *   csv?: () => {name: string, text: string}|null}} sources
 */
export function buttons(sources) {
  const save = async (/** @type {string} */ kind) => {
    if (kind === "csv") {
      const data = sources.csv?.();
      if (data) download(`${data.name}.csv`, new Blob([data.text], { type: "text/csv" }));
      return;
    }
    const it = sources.svg();
    if (!it) return;
    const text = `<?xml version="1.0"?>\n${new XMLSerializer().serializeToString(resolved(it.svg))}`;
    const blob = new Blob([text], { type: "image/svg+xml" });
    download(`${it.name}.${kind}`, kind === "svg" ? blob : await pixels(text, it.svg));
  };
  const kinds = [["svg", "SVG", w("asPicture")], ["png", "PNG", w("asPixels")],
    ...(sources.csv ? [["csv", "CSV", w("asData")]] : [])];
  return h("span", { class: "savers", role: "group", "aria-label": w("save") },
    kinds.map(([kind, short, words]) =>
      h("button", { type: "button", class: "small", title: words, "aria-label": words, "data-save": kind, onclick: () => save(kind) }, short)));
}

/** A copy whose colours do not need the page's style. @param {SVGElement} svg */
function resolved(svg) {
  const copy = /** @type {SVGElement} */ (svg.cloneNode(true));
  const style = getComputedStyle(document.documentElement);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("font-family", "Helvetica, Arial, sans-serif");
  for (const element of [copy, ...copy.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      const named = value.match(/^var\((--[a-z-]+)\)$/);
      if (named) element.setAttribute(name, style.getPropertyValue(named[1]).trim());
    }
  }
  const [x, y, width, height] = (copy.getAttribute("viewBox") ?? "0 0 100 100").split(" ");
  copy.prepend(s("rect", { x, y, width, height, fill: style.getPropertyValue("--paper").trim() }));
  return copy;
}

/** @param {string} text @param {SVGElement} svg @returns {Promise<Blob>} */
function pixels(text, svg) {
  const [, , width, height] = (svg.getAttribute("viewBox") ?? "").split(" ").map(Number);
  const scale = 2000 / width;
  const canvas = /** @type {HTMLCanvasElement} */ (
    h("canvas", { width: 2000, height: Math.round(height * scale) }));
  return new Promise((done, fail) => {
    const image = new Image();
    image.width = canvas.width;
    image.height = canvas.height;
    image.onload = () => {
      canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png");
    };
    image.onerror = () => fail(new Error("no picture"));
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  });
}

/** @param {string} text */
const cell = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The data of a plot. @param {import("./plot.js").Spec} spec */
function table(spec) {
  return csv([{ title: spec.x.label, values: spec.x.values },
    ...spec.curves.map((curve) => ({ title: `${curve.label}${curve.dashed ? " (first values)" : ""}`, values: curve.values }))]);
}

/** @param {{title: string, values: ArrayLike<number|null>}[]} columns */
export function csv(columns) {
  const rows = [columns.map((column) => cell(column.title)).join(",")];
  for (let n = 0; n < columns[0].values.length; n++) {
    rows.push(columns.map((column) => column.values[n] ?? "").join(","));
  }
  return `${rows.join("\n")}\n`;
}

/** Round numbers between two. @param {number} low @param {number} high */
export function ticks(low, high, most = 6) {
  const raw = (high - low) / most;
  if (!(raw > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((size) => size >= raw) ?? raw;
  const found = [];
  for (let n = Math.ceil(low / step); n * step <= high + 1e-9 * step; n++) found.push(n * step);
  return found;
}

/** A plot as SVG. @param {import("./plot.js").Spec} spec */
function drawn(spec) {
  const [width, height, left, top, bottom] = [640, 380, 70, 16 + 16 * Math.ceil(spec.curves.length / 2), 52];
  const finite = (/** @type {ArrayLike<number|null>} */ list) =>
    Array.from(list).filter((value) => value !== null && Number.isFinite(value)).map(Number);
  const warp = spec.x.log ? Math.log10 : (/** @type {number} */ v) => v;
  const xs = finite(spec.x.values).map(warp);
  const ys = spec.curves.flatMap((curve) => finite(curve.values));
  const [x0, x1] = ends(xs);
  const [y0, y1] = ends(ys);
  const px = (/** @type {number} */ v) => left + ((v - x0) / (x1 - x0)) * (width - left - 16);
  const py = (/** @type {number} */ v) => height - bottom - ((v - y0) / (y1 - y0)) * (height - bottom - top);
  const text = (/** @type {any} */ more, /** @type {string} */ words) =>
    s("text", { "font-size": 12, fill: "var(--ink)", ...more }, words);
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}` });
  for (const tick of ticks(x0, x1)) {
    const words = spec.x.log ? number(10 ** tick) : spec.x.time ? duration(tick, spec.x.time) : number(tick, 6);
    svg.append(s("path", { d: `M${px(tick)} ${top}V${height - bottom}`, stroke: "var(--grid)" }),
      text({ x: px(tick), y: height - bottom + 16, "text-anchor": "middle" }, words));
  }
  for (const tick of ticks(y0, y1)) {
    svg.append(s("path", { d: `M${left} ${py(tick)}H${width - 16}`, stroke: "var(--grid)" }),
      text({ x: left - 6, y: py(tick) + 4, "text-anchor": "end" }, number(tick, 6)));
  }
  svg.append(text({ x: (left + width) / 2, y: height - 10, "text-anchor": "middle" }, spec.x.label),
    text({ transform: `translate(14 ${(top + height - bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, spec.y.label));
  spec.curves.forEach((curve, number_) => {
    let [path, pen] = ["", "M"];
    for (let n = 0; n < curve.values.length; n++) {
      const [x, y] = [warp(Number(spec.x.values[n])), curve.values[n]];
      if (y === null || !Number.isFinite(y) || !Number.isFinite(x)) pen = "M";
      else { path += `${pen}${px(x).toFixed(2)} ${py(y).toFixed(2)}`; pen = "L"; }
    }
    const colour = painted(curve.colour);
    const [kx, ky] = [left + (number_ % 2) * 280, 14 + 16 * Math.floor(number_ / 2)];
    const dash = curve.dashed ? "5 4" : null;
    svg.append(s("path", { d: path, fill: "none", stroke: colour, "stroke-width": 1.6, "stroke-dasharray": dash }),
      s("path", { d: `M${kx} ${ky - 4}h20`, stroke: colour, "stroke-width": 2, "stroke-dasharray": dash }),
      text({ x: kx + 25, y: ky }, curve.label));
  });
  for (const mark of spec.marks ?? []) {
    svg.append(s("circle", { cx: px(warp(mark.x)), cy: py(mark.y), r: 4, fill: "var(--ink)" }));
  }
  return svg;
}

/** @param {number[]} values */
function ends(values) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(high > low)) return [low - (Math.abs(low) || 1) * 0.05, low + (Math.abs(low) || 1) * 0.05];
  return [low, high];
}
