/**
 * Asks the engine what a file says and prints the answers, for comparison with other solvers.
 *
 * The file is JSON: {payload, program, questions: [{method, ask}]}; so are the answers, one a question,
 * {value} or {error}, and {took}, in milliseconds.
 */
import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import { load } from "../src/engine.js";

const { payload, program, questions } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const engine = load(payload, runInThisContext(program));
const answers = questions.map(({ method, ask }) => {
  const begin = performance.now();
  try {
    const value = engine[method](ask);
    return { value, took: performance.now() - begin };
  } catch (error) {
    return { error: error.message, took: performance.now() - begin };
  }
});
const plain = (_, value) => {
  if (value instanceof Float64Array) return Array.from(value, (each) => (Number.isFinite(each) ? each : null));
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
};
process.stdout.write(JSON.stringify(answers, plain));
