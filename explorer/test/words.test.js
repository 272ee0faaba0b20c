/** The page's words: both languages have the same, and none is left over. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { WORDS } from "../src/words.js";

/** Words that are asked for by a name that is worked out: what becomes of a quantity. */
const COMPUTED = ["rises", "stays", "falls"];

test("both languages have the same words", () => {
  assert.deepEqual(Object.keys(WORDS.de).sort(), Object.keys(WORDS.en).sort());
});

test("every word is used", () => {
  const folder = new URL("../src/", import.meta.url);
  const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8")).join("");
  const unused = Object.keys(WORDS.en).filter((key) => !sources.includes(`w("${key}")`) && !COMPUTED.includes(key));
  assert.deepEqual(unused, []);
});
