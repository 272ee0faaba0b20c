/**
 * Carries out the tour of a file {payload, program, others} without a page, and prints by experiment how large
 * each effect is and whether its check holds.
 */
import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import { load } from "../src/engine.js";
import { follow, judgements } from "../src/stage.js";

const { payload, program, others } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const models = new Map([{ payload, program }, ...others].map((each) =>
  [each.payload.name, { payload: each.payload, engine: load(each.payload, runInThisContext(each.program)) }]));
const found = {};
for (const stage of payload.lesson.tour) {
  const checks = judgements(stage, await follow(stage, (name) => models.get(name)));
  found[stage.name] = checks.map(({ check, effect, holds }) => ({ meaning: check.meaning.en, effect, holds }));
}
process.stdout.write(JSON.stringify(found));
