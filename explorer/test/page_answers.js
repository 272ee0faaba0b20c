/**
 * Asks pages in Chromium what a file says and prints the answers, as answers.js does without a page.
 *
 * The file is JSON: [{page, questions: [{method, ask}]}], pages by their paths. CHROMIUM is the browser.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";
import { plain } from "./plain.js";

const wanted = JSON.parse(readFileSync(process.argv[2], "utf8"));
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

/** What a page's own engine says, as text: a browser hands out neither NaN nor arrays of floats. */
async function answered({ method, ask }) {
  const begin = performance.now();
  let answer;
  try {
    answer = { value: await globalThis.explorer.client[method](ask) };
  } catch (error) {
    answer = { error: error.message };
  }
  return JSON.stringify({ ...answer, took: performance.now() - begin }, globalThis.plain);
}

const answers = [];
try {
  for (const { page: path, questions } of wanted) {
    const page = await browser.newPage();
    await page.goto(`${pathToFileURL(path)}#mode=whole`);
    await page.waitForFunction(() => globalThis.explorer?.lab.run.t.length > 0);
    await page.evaluate(`globalThis.plain = ${plain}`);
    const told = [];
    for (const question of questions) told.push(JSON.parse(await page.evaluate(answered, question)));
    answers.push(told);
    await page.close();
  }
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(answers));
