/** The living schematic: a cell, its membranes, and what crosses them. */

import { h, s } from "./dom.js";
import { buttons } from "./export.js";
import { number } from "./format.js";
import { ATP, MARGIN, PAD, SPACE, contentLines, counted, endsOf, flanksOf, heightOf, patchesOf } from "./layout.js";
import { makeMotion } from "./motion.js";
import { APART, ARROW, BILAYER, CORNER, HEAD, LINE, SMALL, WORDS, area, arrow, cellBody, colourOf, text, transporter, wrapped } from "./symbols.js";
import { substanceWord, w } from "./words.js";

/** Share of the largest flux below which nothing flows. */
const IDLE = 1e-9;
/** Width [px] below which all of one membrane stands on one side. */
const NARROW = 560;

/** The cell with its names in the page's language. @param {import("./store.js").Store} store */
function translated(store) {
  const { schematic: cell } = /** @type {import("./types.js").Lesson} */ (store.payload.lesson);
  return {
    ...cell,
    places: cell.places.map((place) => ({ ...place, name: store.translated(place.id, place.name) })),
    transporters: cell.transporters.map((row) => ({ ...row, name: store.translated(row.reaction, row.name) })),
  };
}

/** @param {import("./store.js").Store} store */
export function schematic(store) {
  const cell = translated(store);
  const two = cell.membranes.length > 1;
  const host = h("div", { class: two ? "schematic two" : "schematic", tabindex: two ? 0 : null, role: two ? "group" : null, "aria-label": two ? w("what") : null });
  const caption = h("p", { class: "note" });
  const motion = makeMotion(cell, (words) => { caption.textContent = words; });
  let [drawn, narrow] = ["", false];
  /** Numbers to be kept up: element and what it says. @type {[SVGElement, () => string][]} */
  let numbers = [];
  /** @type {SVGElement|null} */
  let svg = null;

  const fluxOf = (/** @type {import("./types.js").Transporter} */ row) => store.shown[row.reaction] ?? 0;

  /** Rows with their substances in the direction in which they go now. */
  function turned() {
    const most = Math.max(...cell.transporters.map((row) => Math.abs(fluxOf(row))));
    return cell.transporters.map((row) => {
      const flux = Math.abs(fluxOf(row)) > IDLE * most ? fluxOf(row) : 0;
      const back = flux < 0;
      const moved = back ? row.moved.map((m) => ({ ...m, source: m.target, target: m.source })) : row.moved;
      return { ...row, moved, atp: back ? -row.atp : row.atp, idle: flux === 0 };
    });
  }

  /** @param {number} x @param {number} y @param {() => string} words @param {Record<string, any>} [more] */
  function live(x, y, words, more = {}) {
    const element = text(x, y, words(), more);
    numbers.push([element, words]);
    return element;
  }

  const potential = (/** @type {number} */ n) => {
    const { quantity, unit } = cell.membranes[n];
    return `${number(store.shown[quantity])} ${unit}`;
  };

  /** @param {import("./types.js").Place} place */
  function contents(place, /** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ widest, /** @type {string} */ anchor) {
    const lines = contentLines(place, widest);
    return lines.map((line, n) => live(x, y + n * LINE, () => line.map((content) =>
      `${substanceWord(content.substance)}\u00a0${number(store.shown[content.species])}`).join(", ")
      + (n === lines.length - 1 && line.length ? `\u00a0${line[0].unit}` : ","), { "font-size": SMALL, "text-anchor": anchor }));
  }

  function build() {
    numbers = [];
    motion.clear();
    const rows = turned();
    const wide = narrow && !two ? 88 : 180;
    const now = { ...cell, transporters: rows };
    const flanks = flanksOf(now, wide);
    const inside = /** @type {import("./types.js").Place} */ (cell.places.find((place) => place.inside));
    const heads = cell.membranes.map((membrane) => cell.places.find((place) => place.id === membrane.beyond[0]));
    const between = rows.filter((row) => row.membrane === null);
    const patchHeight = (/** @type {any} */ place, /** @type {any} */ flank) => 2.4 + LINE * (1 + contentLines(place, flank.words).length);
    const needed = flanks.map((flank) => flank.rows.reduce((sum, row) => sum + heightOf(row, flank.words), 0)
      + patchesOf(now, flank).reduce((sum, place) => sum + patchHeight(place, flank), 0));
    const block = LINE * (inside.contents.length + 2.5);
    const body = (flanks.length > 1 ? Math.max(...needed, block) : needed[0] + block) + 2 * PAD;
    const headWidth = two ? flanks[0].x + 8 : wide - 2 * MARGIN;
    const head = 6.5 + LINE * Math.max(...heads.map((place) => (place ? contentLines(place, headWidth).length : 0)));
    const tall = head + body + (two ? SPACE * (between.length + 1) + 15 : 4);
    const [left, right] = [flanks[0].x, flanks[1]?.x ?? wide - 4];
    const [top, bottom] = [head, head + body];
    const parts = [area(0, 0, wide, tall, "var(--lumen)")];
    if (two) {
      const middle = (left + right) / 2;
      parts.push(area(middle, 0, wide - middle, tall, "var(--blood)"), area(left + 8, bottom, middle - left, tall - bottom, "var(--blood)"),
        ...gap(between, left, right, bottom, tall, wide));
    }
    parts.push(...patches(now, flanks, wide, top, body, block, patchHeight));
    parts.push(cellBody(left, top, right, bottom));
    flanks.forEach((flank, n) => parts.push(...flankParts(now, flank, top, flanks.length > 1 ? body : body - block, two ? n : 0, patchHeight)));
    parts.push(...middleParts(inside, flanks, (left + right) / 2, top, flanks.length > 1 ? top + body / 2 : bottom - (block + PAD) / 2));
    heads.forEach((place, n) => {
      if (!place) return;
      const [x, anchor] = n ? [wide - MARGIN, "end"] : [MARGIN, "start"];
      parts.push(text(x, 3, place.name, { "font-size": HEAD, "font-weight": "bold", "text-anchor": anchor }),
        ...contents(place, x, 3 + LINE, headWidth, anchor));
    });
    svg = s("svg", { viewBox: `0 0 ${wide} ${tall}`, role: "img", "aria-label": store.payload.title }, parts);
    host.replaceChildren(svg);
  }

  /** Tinted places beside the only membrane, from above their rows on. */
  function patches(/** @type {any} */ now, /** @type {any[]} */ flanks, /** @type {number} */ wide, /** @type {number} */ top, /** @type {number} */ body, /** @type {number} */ block, /** @type {any} */ patchHeight) {
    return flanks.flatMap((flank) => {
      const there = patchesOf(now, flank);
      if (!there.length) return [];
      const room = flanks.length > 1 ? body : body - block;
      let y = top + PAD;
      const gap_ = gapOf(now, flank, room, patchHeight);
      const left = new Set(there.map((place) => place.id));
      const found = [];
      for (const row of flank.rows) {
        y += gap_ / 2;
        const size = heightOf(row, flank.words);
        for (const place of there.filter((each) => left.has(each.id) && endsOf(row).has(each.id))) {
          const high = patchHeight(place, flank) + size + gap_ / 2 + 1.2;
          found.push(area(flank.out < 0 ? 0 : flank.x, y, flank.out < 0 ? flank.x : wide - flank.x, high, "var(--blood)"));
          left.delete(place.id);
          y += patchHeight(place, flank);
        }
        y += size + gap_ / 2;
      }
      return found;
    });
  }

  function gapOf(/** @type {any} */ now, /** @type {any} */ flank, /** @type {number} */ room, /** @type {any} */ patchHeight) {
    const used = flank.rows.reduce((/** @type {number} */ sum, /** @type {any} */ row) => sum + heightOf(row, flank.words), 0)
      + patchesOf(now, flank).reduce((sum, place) => sum + patchHeight(place, flank), 0);
    return Math.max(0, (room - 2 * PAD - used) / flank.rows.length);
  }

  function flankParts(/** @type {any} */ now, /** @type {any} */ flank, /** @type {number} */ top, /** @type {number} */ room, /** @type {number} */ membrane, /** @type {any} */ patchHeight) {
    const gap_ = gapOf(now, flank, room, patchHeight);
    const there = new Map(patchesOf(now, flank).map((place) => [place.id, place]));
    const side = flank.out > 0 ? "start" : "end";
    const wordsX = flank.x + flank.out * (ARROW + flank.room);
    const found = [...signs(flank, top + PAD - 1, membrane)];
    let y = top + PAD;
    for (const row of flank.rows) {
      y += gap_ / 2;
      const size = heightOf(row, flank.words);
      for (const [id, place] of there) {
        if (!endsOf(row).has(id)) continue;
        found.push(text(wordsX, y + 3, place.name, { "font-size": HEAD, "font-weight": "bold", "text-anchor": side }),
          ...contents(place, wordsX, y + 3 + LINE, flank.words, side));
        y += patchHeight(place, flank);
        there.delete(id);
      }
      found.push(...rowParts(flank, row, y + size / 2 - (row.atp ? ATP / 2 : 0), wordsX, side));
      y += size + gap_ / 2;
      found.push(...signs(flank, y, membrane));
    }
    return found;
  }

  function rowParts(/** @type {any} */ flank, /** @type {any} */ row, /** @type {number} */ y, /** @type {number} */ wordsX, /** @type {string} */ side) {
    const { x, out } = flank;
    const symbol = transporter(row.kind, x, y, row.moved.length);
    const inside = cell.places.find((place) => place.inside)?.id;
    const found = [symbol];
    if (row.atp) {
      const level = y + ((row.moved.length - 1) / 2) * APART + ATP - 0.6;
      const name = row.atp > 0 ? "ATP → ADP + Pᵢ" : "ADP + Pᵢ → ATP";
      const from = x - out * 5.6;
      found.unshift(s("path", { d: `M${x - out * 1.6} ${y + 3.2}Q${x - out * 2} ${level} ${x - out * 5.2} ${level}`, fill: "none", stroke: "var(--quiet)", "stroke-width": 0.32 }));
      found.push(text(from, level, name, { "font-size": SMALL, "text-anchor": out < 0 ? "start" : "end" }));
    }
    row.moved.forEach((/** @type {any} */ moved, /** @type {number} */ n) => {
      const level = y - ((row.moved.length - 1) / 2 - n) * APART;
      const way = moved.source === inside ? out : -out;
      found.push(track(row, moved, x - way * ARROW, x + way * ARROW, level),
        text(x - way * (ARROW + 0.8), level, counted(moved), { "text-anchor": way > 0 ? "end" : "start" }));
    });
    motion.turn(row.reaction, symbol.querySelector(".turning"));
    const lines = wrapped(row.name, WORDS, flank.words);
    lines.forEach((line, n) => found.push(text(wordsX, y + (n - lines.length / 2) * LINE, line, { "text-anchor": side })));
    found.push(live(wordsX, y + (lines.length / 2) * LINE, () => flux(row), { "font-size": SMALL, "text-anchor": side, fill: "var(--quiet)" }));
    return found;
  }

  const flux = (/** @type {any} */ row) => (row.idle ? w("noFlux") : `${number(Math.abs(fluxOf(row)))} ${cell.unit}`);

  /** An arrow and what moves along it. */
  function track(/** @type {any} */ row, /** @type {any} */ moved, /** @type {number} */ x0, /** @type {number} */ x1, /** @type {number} */ y) {
    const colour = colourOf(moved.substance);
    const line = arrow(x0, x1, y, colour);
    if (row.idle) {
      line.querySelector(".shaft")?.setAttribute("stroke-dasharray", "0.8 0.6");
      line.setAttribute("opacity", "0.6");
      return line;
    }
    line.append(...motion.travel(row.reaction, moved.count, x0, x1, y, colour));
    return line;
  }

  /** The charge on both faces of a membrane. */
  function signs(/** @type {any} */ flank, /** @type {number} */ y, /** @type {number} */ membrane) {
    return [1, -1].map((way) => live(flank.x + flank.out * way * (BILAYER / 2 + 2), y, () => {
      const volts = store.shown[cell.membranes[membrane].quantity];
      if (!volts) return "";
      return (way > 0) === volts < 0 ? "+" : "−";
    }, { "text-anchor": "middle", fill: "var(--quiet)" }));
  }

  function middleParts(/** @type {any} */ place, /** @type {any[]} */ flanks, /** @type {number} */ x, /** @type {number} */ top, /** @type {number} */ y) {
    const start = y - (place.contents.length * LINE) / 2;
    const found = [text(x, start, w("cell"), { "font-size": HEAD, "font-weight": "bold", "text-anchor": "middle" })];
    place.contents.forEach((/** @type {any} */ content, /** @type {number} */ n) => found.push(live(x, start + (n + 1.1) * LINE,
      () => `${substanceWord(content.substance)} ${number(store.shown[content.species])} ${content.unit}`, { "font-size": SMALL, "text-anchor": "middle" })));
    const style = { "font-weight": "bold", "font-size": HEAD };
    if (two) {
      flanks.forEach((flank, n) => found.push(live(flank.x - flank.out * 5, top + 4.2, () => potential(n), { ...style, "font-size": WORDS, "text-anchor": flank.out < 0 ? "start" : "end" })));
    } else {
      found.push(live(x, top + 4.6, () => potential(0), { ...style, "text-anchor": "middle" }));
    }
    return found;
  }

  /** The space between this cell and its neighbour, and what passes through it. */
  function gap(/** @type {any[]} */ rows, /** @type {number} */ left, /** @type {number} */ right, /** @type {number} */ bottom, /** @type {number} */ end, /** @type {number} */ wide) {
    const floor = bottom + SPACE * (rows.length + 1) + 3;
    const middle = (left + right) / 2;
    const found = [cellBody(left, floor, right, end + 2 * CORNER),
      ...[7.1, 8.9].map((offset) => s("path", { d: `M${left + offset} ${bottom + BILAYER / 2}V${floor - BILAYER / 2}`, stroke: "var(--quiet)", "stroke-width": 0.4, "stroke-dasharray": "0.5 0.4" })),
      text(middle, (floor + end) / 2 + 1, w("neighbour"), { "font-size": SMALL, "text-anchor": "middle", fill: "var(--quiet)" }),
      text(middle, bottom + 3.6, w("between"), { "text-anchor": "middle" })];
    rows.forEach((row, n) => {
      const y = bottom + 3.8 + SPACE * (n + 1);
      const [moved] = row.moved;
      const way = moved.source === cell.places[0].id ? 1 : -1;
      const reach = (right - left) / 2 + 4;
      found.push(track(row, moved, middle - way * reach, middle + way * reach, y),
        text(middle - way * (reach + 0.8), y, counted(moved), { "text-anchor": way > 0 ? "end" : "start" }),
        live(middle, y - 2.2, () => flux(row), { "font-size": SMALL, "text-anchor": "middle", fill: "var(--quiet)" }));
    });
    const [one, other] = cell.membranes;
    found.push(live(MARGIN, end - 2.4, () =>
      `${w("lumenBlood")} ${number(store.shown[other.quantity] - store.shown[one.quantity])} ${one.unit}`, { "font-weight": "bold" }));
    void wide;
    return found;
  }

  /** Keep the numbers up; build anew where something turns round. */
  function update() {
    if (!host.clientWidth) return;
    narrow = host.clientWidth < NARROW;
    const key = `${narrow}${turned().map((row) => `${row.idle}${row.moved[0].source}`)}${w("cell")}`;
    if (key !== drawn) build();
    drawn = key;
    for (const [element, words] of numbers) {
      const now = words();
      if (element.textContent !== now) element.textContent = now;
    }
    motion.fluxes(Object.fromEntries(cell.transporters.map((row) => [row.reaction, fluxOf(row)])));
  }

  new ResizeObserver(() => Object.keys(store.shown).length && update()).observe(host);
  store.on("shown", update);
  const saver = buttons({ svg: () => svg && { name: `${store.payload.name}_schematic`, svg } });
  return { element: h("div", {}, host, caption, h("div", { class: "bar" }, motion.button, saver)), update };
}
