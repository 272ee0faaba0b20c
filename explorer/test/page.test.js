/**
 * The page in Chromium, as people use it. PAGES names the folder that Python has written them to:
 * cell.html, epithelium.html, plain.html, hostile.html.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const PAGES = process.env.PAGES ?? ".";
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** @type {import("puppeteer-core").Browser} */
let browser;
before(async () => {
  browser = await puppeteer.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
});
after(() => browser.close());

/** A page that fails the test where it says an error. */
async function opened(name, { hash = "lang=en", width = 1280, height = 900 } = {}) {
  const page = await browser.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(error.message));
  page.on("console", (said) => said.type() === "error" && page.faults.push(said.text()));
  page.on("request", (asked) => !/^(file|blob|data):/.test(asked.url()) && page.faults.push(asked.url()));
  await page.setViewport({ width, height });
  await page.goto(`${pathToFileURL(`${PAGES}/${name}.html`)}#${hash}`);
  await page.waitForFunction(() => globalThis.explorer?.lab.run.t.length > 0 && document.querySelector(".badge.good, .badge.bad"));
  return page;
}

async function closed(page) {
  assert.deepEqual(page.faults, []);
  await page.close();
}

/** Goes through a tour; returns how many of its claims hold, and how many there are. */
async function toured(page) {
  await page.click("#open-tour");
  const stages = await page.evaluate(() => globalThis.explorer.payload.lesson.tour.length);
  for (let n = 0; n < stages; n++) {
    assert.equal(await page.$eval("[data-tour=run]", (button) => button.disabled), true, "nothing is run before it is predicted");
    await page.click("dialog input[value=falls]");
    await page.click("[data-tour=run]");
    await page.waitForSelector("[data-tour=verdict]", { timeout: 60000 });
    const told = await page.$eval("[data-tour=verdict]", (badge) => badge.dataset.holds);
    const title = await page.$eval("#tour-title", (heading) => heading.textContent);
    assert.equal(told, "true", `${title}: ${await page.$$eval(".checks li.bad", (list) => list.map((item) => item.textContent).join("; "))}`);
    assert.ok((await page.$$("dialog .plot canvas")).length > 0);
    await page.click("[data-tour=next]");
  }
  const held = await page.$eval("[data-tour=end]", (end) => Number(end.dataset.held));
  await page.click("[data-tour=close]");
  return { held, stages };
}

for (const [name, least] of [["cell", 16], ["epithelium", 7]]) {
  test(`the tour of the ${name} is done from start to end, and every claim holds`, async () => {
    const page = await opened(name);
    const { held, stages } = await toured(page);
    assert.equal(held, stages);
    assert.ok(stages >= least);
    await closed(page);
  });
}

test("a slider that is pulled is answered, and Delete takes it back", async () => {
  const page = await opened("cell");
  const volts = () => page.evaluate(() => globalThis.explorer.store.shown.V_m);
  const rest = await volts();
  await page.focus("#slide-P_K");
  for (let n = 0; n < 40; n++) await page.keyboard.press("ArrowRight");
  await page.waitForFunction((before) => Math.abs(globalThis.explorer.store.shown.V_m - before) > 0.5, {}, rest);
  assert.ok((await volts()) < rest, "more potassium leaks, and the cell is more negative");
  assert.match(await page.evaluate(() => location.hash), /p\.P_K=0\.0/);
  await page.keyboard.press("Delete");
  assert.deepEqual(await page.evaluate(() => globalThis.explorer.store.settings.p), {});
  await closed(page);
});

test("a running course goes on, comes to rest at once, and begins anew", async () => {
  for (const name of ["cell", "plain"]) {
    const page = await opened(name, { hash: "mode=live&lang=en" });
    const button = (words) => page.evaluate((wanted) => [...document.querySelectorAll("#courses button")].find((each) => each.textContent.includes(wanted)).click(), words);
    const now = () => page.evaluate(() => globalThis.explorer.lab.run.t.at(-1));
    if (!(await page.evaluate(() => globalThis.explorer.lab.playing))) await button("Run");
    const before = await now();
    await page.waitForFunction((then) => globalThis.explorer.lab.run.t.at(-1) > then, {}, before);
    await button("Pause");
    await page.evaluate((id) => globalThis.explorer.store.set({ [id]: 2 * globalThis.explorer.store.value(id) }), name === "cell" ? "P_K" : "k2");
    await button("To rest");
    await page.waitForFunction(() => {
      const { t, columns } = globalThis.explorer.lab.run;
      const found = globalThis.explorer.resting();
      return t.length > 3 && found && Object.entries(globalThis.explorer.store.settings.p).length > 0
        && globalThis.explorer.payload.states.every((id) => Math.abs(columns[id].at(-1) - found.values[id]) <= 1e-6 * Math.abs(found.values[id]));
    });
    await button("From the beginning");
    await page.waitForFunction(() => globalThis.explorer.lab.run.t.at(-1) < 1e-3);
    await closed(page);
  }
});

test("a link opens the page with its settings, and one of another model with what is known", async () => {
  const page = await opened("cell", { hash: "p.Na_o=70&p.none=3&p.ouabain=x&shown=V_m+none&end=120&mode=whole&lang=de" });
  const settings = await page.evaluate(() => globalThis.explorer.store.settings);
  assert.deepEqual(settings.p, { Na_o: 70 });
  assert.deepEqual(settings.shown, ["V_m"]);
  assert.equal(settings.end, 120);
  assert.equal(await page.evaluate(() => globalThis.explorer.lab.run.t.at(-1)), 120);
  assert.equal(await page.$eval("#reset", (button) => button.textContent), "Alles zurück");
  await page.$eval(".skip", (link) => link.click());
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.id), "courses");
  assert.match(await page.evaluate(() => location.hash), /Na_o=70/);
  await Promise.all([page.waitForNavigation(), page.evaluate(() => { location.hash = "p.Na_o=35&lang=en"; })]);
  await page.waitForFunction(() => globalThis.explorer?.store.settings.p.Na_o === 35);
  await closed(page);
});

test("two sodium for a glucose become one, with the settings kept", async () => {
  const page = await opened("cell", { hash: "p.Glc_o=5&lang=en" });
  const told = await page.$$eval("#fellows option", (all) => all.map((option) => option.textContent));
  assert.deepEqual(told, ["2 Na⁺ : 1 glucose", "1 Na⁺ : 1 glucose"]);
  await Promise.all([page.waitForNavigation(), page.select("#fellows", "cell_sglt2")]);
  await page.waitForFunction(() => globalThis.explorer?.lab.run.t.length > 0);
  const [name, p] = await page.evaluate(() => [globalThis.explorer.payload.name, globalThis.explorer.store.settings.p]);
  assert.equal(name, "cell_sglt2");
  assert.deepEqual(p, { Glc_o: 5 });
  await closed(page);
});

test("nothing runs over the edge, on a phone, a desk and a wall, in both languages", async () => {
  for (const name of ["cell", "epithelium", "plain", "hostile"]) {
    for (const width of [400, 1280, 1920]) {
      for (const lang of ["en", "de"]) {
        const page = await opened(name, { width, hash: `lang=${lang}` });
        await page.$$eval("details", (all) => all.forEach((each) => { each.open = true; }));
        await new Promise((done) => setTimeout(done, 400));
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(over, 0, `${name} ${width} ${lang}`);
        await closed(page);
      }
    }
  }
});

test("figures and data are saved", async () => {
  const page = await opened("plain");
  await page.evaluate(() => {
    globalThis.saved = [];
    const make = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (blob) => { globalThis.saved.push(blob); return make(blob); };
    HTMLAnchorElement.prototype.click = () => {};
  });
  for (const kind of ["svg", "png", "csv"]) await page.click(`#courses [data-save=${kind}]`);
  await page.waitForFunction(() => globalThis.saved.length === 3);
  const [svg, csv, png] = await page.evaluate(async () => {
    const byType = (type) => globalThis.saved.find((blob) => blob.type === type);
    return [await byType("image/svg+xml").text(), await byType("text/csv").text(), byType("image/png").size];
  });
  assert.match(svg, /^<\?xml.*<path[^>]+d="M/s);
  assert.doesNotMatch(svg, /var\(/);
  assert.ok(csv.trim().split("\n").length > 400);
  assert.ok(png > 5000);
  await closed(page);
});

test("every control has a name, and every picture words", async () => {
  for (const name of ["cell", "plain"]) {
    const page = await opened(name);
    const nameless = await page.$$eval("button, select, input, [role=img]", (all) => all.filter((each) =>
      !(each.getAttribute("aria-label") || each.textContent.trim() || each.labels?.length)).map((each) => each.className || each.id));
    assert.deepEqual(nameless, []);
    await closed(page);
  }
});

test("hostile names and notes stay text", async () => {
  const page = await opened("hostile");
  assert.equal(await page.evaluate(() => globalThis.struck), undefined);
  assert.equal(await page.$$eval("img, iframe, object, script[src]", (all) => all.length), 0);
  await closed(page);
});

test("in a notebook's frame a page tells what is set, does as it is told, and changes its language", async () => {
  const page = await browser.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(error.message));
  const html = readFileSync(`${PAGES}/plain.html`, "utf8");
  const widget = readFileSync(new URL("../../analyses/explorer/assets/widget.js", import.meta.url), "utf8");
  await page.goto("about:blank");
  await page.evaluate(async (source, text) => {
    const { default: { render } } = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    const told = { html: text, height: 600, values: {}, shown: "" };
    const listeners = [];
    globalThis.told = told;
    globalThis.say = (values) => { told.values = values; listeners.forEach((listener) => listener()); };
    const model = { get: (key) => told[key], set: (key, value) => { told[key] = value; }, save_changes() {}, off() {},
      on: (_, listener) => listeners.push(listener) };
    render({ model, el: document.body });
  }, widget, html);
  await page.waitForFunction(() => globalThis.told.shown === "plain");
  const inner = () => page.frames()[1];
  const ready = () => inner().waitForFunction(() => globalThis.explorer?.lab.run.t.length > 0);
  await ready();
  await inner().evaluate(() => globalThis.explorer.store.set({ k1: 0.6 }));
  await page.waitForFunction(() => globalThis.told.values.k1 === 0.6);
  await page.evaluate(() => globalThis.say({ k2: 0.2, none: 3 }));
  await inner().waitForFunction(() => JSON.stringify(globalThis.explorer.store.settings.p) === '{"k2":0.2}');
  await inner().select("select[aria-label^=Language]", "de");
  await inner().waitForFunction(() => document.querySelector("#reset")?.textContent === "Alles zurück");
  await ready();
  assert.deepEqual(await inner().evaluate(() => globalThis.explorer.store.settings.p), { k2: 0.2 });
  await closed(page);
});
