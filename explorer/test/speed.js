/**
 * Prints how fast a page is, as JSON: `first` courses after it was opened and had a moment, `courses` when
 * many have been followed, `rests` [ms], each of all quantities and as far as the page hears of them;
 * `frames` a second, with every panel open and a course running.
 */
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const MOMENT = 2000;
const WATCHED = 4000;
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

async function opened(mode) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1920, height: 1080 });
  await page.goto(`${pathToFileURL(process.argv[2])}#mode=${mode}`);
  await page.waitForFunction(() => globalThis.explorer?.lab.run.t.length > 0);
  return page;
}

try {
  const page = await opened("whole");
  await new Promise((done) => setTimeout(done, MOMENT));
  const took = (method, ask, times) => page.evaluate(async (name, asked, count) => {
    const found = [];
    for (let n = 0; n < count; n++) {
      const begin = performance.now();
      await globalThis.explorer.client[name](asked);
      found.push(performance.now() - begin);
    }
    return found;
  }, method, ask, times);
  const hour = { end: 3600, points: 361 };
  const first = await took("course", hour, 5);
  await took("course", hour, 50);
  const courses = await took("course", hour, 20);
  const rests = (await took("rest", {}, 40)).slice(20);
  await page.close();

  const live = await opened("live");
  await live.$$eval("details", (all) => all.forEach((each) => { each.open = true; }));
  await live.evaluate(() => globalThis.explorer.lab.playing || globalThis.explorer.lab.play());
  await new Promise((done) => setTimeout(done, MOMENT));
  const frames = await live.evaluate((span) => new Promise((done) => {
    const begin = performance.now();
    let count = 0;
    requestAnimationFrame(function frame(clock) {
      if (clock - begin >= span) done((1000 * count) / (clock - begin));
      else {
        count += 1;
        requestAnimationFrame(frame);
      }
    });
  }), WATCHED);
  process.stdout.write(JSON.stringify({ first, courses, rests, frames }));
} finally {
  await browser.close();
}
