/**
 * Asks engines what a file says and prints the answers, for comparison with other solvers.
 *
 * The file is JSON: [{payload, program, questions: [{method, ask}]}], one a model. So are the answers:
 * for each model one a question, {value} or {error}, and how long it took [ms].
 */
import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import { load } from "../src/engine.js";
import { plain } from "./plain.js";

const answers = JSON.parse(readFileSync(process.argv[2], "utf8")).map(({ payload, program, questions }) => {
  const engine = load(payload, runInThisContext(program));
  return questions.map(({ method, ask }) => {
    const begin = performance.now();
    let answer;
    try {
      answer = { value: engine[method](ask) };
    } catch (error) {
      answer = { error: error.message };
    }
    return { ...answer, took: performance.now() - begin };
  });
});
process.stdout.write(JSON.stringify(answers, plain));
