/**
 * The last digits of a steady state. The program takes for dependent the states of each conserved sum
 * that are large at the start; where one is small in the end, it is the small difference of large
 * amounts. Here the sums are solved for what is large now.
 *
 * @module
 */
import { Factors } from "./linear.js";

const STEPS = 8;

/**
 * @param {import("./certificate.js").Examiner} examiner
 * @param {Float64Array} near All states.
 * @returns {?Float64Array} null where Newton's method does not come closer.
 */
export function polished(examiner, near) {
  const { model, initial } = examiner;
  const { states, velocities: rates } = model;
  const sums = solvedSums(model, near);
  const independent = Array.from({ length: states }, (_, i) => i).filter((i) => !sums.has(i));
  const n = independent.length;
  const placeOf = new Map(independent.map((i, j) => [i, j]));
  const totals = new Map(Array.from(sums, ([i, row]) => [i, row.reduce((sum, factor_, k) => sum + factor_ * initial[k], 0)]));
  const factors = new Factors(n);
  const x = near.slice();
  const v = new Float64Array(rates);
  const D = new Float64Array(rates * states);
  for (let turn = 0; turn < STEPS; turn++) {
    examiner.run.linear(x, v, D);
    const sizes = examiner.sizes(x);
    const matrix = new Float64Array(n * n);
    const step = new Float64Array(n);
    for (const [i, k, factor_] of model.stoichiometry) {
      const row = placeOf.get(i);
      if (row === undefined) continue;
      step[row] -= factor_ * v[k];
      for (let s = 0; s < states; s++) {
        const slope = factor_ * D[k * states + s];
        if (slope === 0) continue;
        if (placeOf.has(s)) matrix[row * n + placeOf.get(s)] += slope * sizes[s];
        else sums.get(s).forEach((share, at) => {
          if (at !== s && share !== 0) matrix[row * n + placeOf.get(at)] -= slope * share * sizes[at];
        });
      }
    }
    for (let i = 0; i < n; i++) {
      let top = 0;
      for (let j = 0; j < n; j++) top = Math.max(top, Math.abs(matrix[i * n + j]));
      if (!(top > 0)) return null;
      for (let j = 0; j < n; j++) matrix[i * n + j] /= top;
      step[i] /= top;
    }
    if (factors.factor(matrix) === 0) return null;
    factors.solve(step);
    if (!step.every((each) => Math.abs(each) < 0.1)) return null;
    independent.forEach((i, j) => {
      x[i] += step[j] * sizes[i];
    });
    for (const [i, row] of sums) x[i] = totals.get(i) - row.reduce((sum, share, k) => sum + (k === i ? 0 : share * x[k]), 0);
  }
  return x;
}

/** Return conserved sums by the state each is solved for, the largest first: x[i] + Σ share x[k]. */
function solvedSums(model, x) {
  const rows = new Map();
  for (const [row, i, factor_] of model.conserved) {
    if (!rows.has(row)) rows.set(row, new Float64Array(model.states));
    rows.get(row)[i] = factor_;
  }
  const left = [...rows.values()];
  const solved = new Map();
  for (const i of Array.from(x.keys()).sort((a, b) => Math.abs(x[b]) - Math.abs(x[a]))) {
    const at = left.findIndex((row) => Math.abs(row[i]) > 1e-9);
    if (at < 0) continue;
    const [pivot] = left.splice(at, 1);
    const own = pivot.map((share) => share / pivot[i]);
    for (const row of [...left, ...solved.values()]) {
      const share = row[i];
      if (share !== 0) for (let k = 0; k < row.length; k++) row[k] -= share * own[k];
    }
    solved.set(i, own);
  }
  return solved;
}
