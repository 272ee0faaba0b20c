/** The search for a steady state: Newton's method, and the course where that must not be trusted. @module */
import { Examiner } from "./certificate.js";
import { factor, substitute } from "./linear.js";
import { Integrator } from "./rodas.js";

const NEWTON_STEPS = 60;
/** A step lets an amount grow by at most this share of itself, or one that follows from a sum fall. */
const GROWTH = 2;
const MOST = 0.9;
/** A course has arrived where the Newton step is below this, and the state then moves little more. */
const ARRIVED = 1e-5;
const MOVED = 1e-4;
/** Of courses that are followed to their rest. */
const TOLERANCE = 1e-6;
const MOST_STEPS = 3000;
const LONGEST = 1e15;
const PATIENCE = 10_000;

/**
 * Find the steady state to which a start leads, or say why there is none.
 *
 * @param {import("./model.js").Model} model
 * @param {Float64Array} c - constants.
 * @param {Float64Array} initial - starting states.
 * @returns {{states: ?Float64Array, certificate: import("./types.js").Certificate}}
 */
export function findRest(model, c, initial) {
  const examiner = new Examiner(model, c, initial);
  if (model.n === 0) return { states: initial, certificate: examiner.examine(initial) };
  if (model.direct) {
    const states = newton(examiner, initial);
    if (states !== null) {
      const certificate = examiner.examine(states);
      if (certificate.status === "ok") return { states, certificate };
    }
  }
  return follow(examiner, initial);
}

/**
 * Newton's method from some states, in the logarithm where amounts fall: the Newton step d of an amount
 * x that would fall becomes x exp(d/x), which cannot cross zero.
 *
 * @returns {?Float64Array} null where it does not settle.
 */
function newton(examiner, start) {
  const { model, run } = examiner;
  const { n, independent, positive, dependent } = model;
  const y = run.free(start);
  const x = new Float64Array(model.states);
  const f = new Float64Array(n);
  const J = new Float64Array(n * n);
  const d = new Float64Array(n);
  const rows = new Int32Array(n);
  let before = Infinity;
  for (let turn = 0; turn < NEWTON_STEPS; turn++) {
    run.whole(y, x);
    run.slopes(1e12, y, f, J, d);
    const sizes = examiner.sizes(x);
    const step = scaledStep(f, J.slice(), rows, sizes, independent, n);
    if (step === null) return null;
    let share = 1;
    for (const { i, parts } of dependent) {
      if (!positive[i] || !(x[i] > 0)) continue;
      let change = 0;
      for (const [, j, factor_] of parts) change += factor_ * step[j];
      if (change < -MOST * x[i]) share = Math.min(share, (MOST * x[i]) / -change);
    }
    for (let j = 0; j < n; j++) {
      const i = independent[j];
      if (positive[i] && y[j] > 1e-6 * sizes[i] && step[j] > GROWTH * y[j]) {
        share = Math.min(share, (GROWTH * y[j]) / step[j]);
      }
    }
    let moved = 0;
    for (let j = 0; j < n; j++) {
      const change = share * step[j];
      const isFalling = positive[independent[j]] && y[j] > 0 && change < 0;
      const next = isFalling ? y[j] * Math.exp(change / y[j]) : y[j] + change;
      moved = Math.max(moved, Math.abs(next - y[j]) / sizes[independent[j]]);
      y[j] = next;
    }
    if (!Number.isFinite(moved)) return null;
    // until rounding allows no more
    if (moved <= 4 * Number.EPSILON || (moved < 1e-9 && moved >= before / 2)) return run.whole(y);
    before = moved;
  }
  return before < 1e-6 ? run.whole(y) : null;
}

/** Solve J d = −f with rows and columns relative to the sizes of the states. */
function scaledStep(f, J, rows, sizes, independent, n) {
  const step = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let top = 0;
    for (let j = 0; j < n; j++) {
      J[i * n + j] *= sizes[independent[j]];
      top = Math.max(top, Math.abs(J[i * n + j]));
    }
    if (!(top > 0)) return null;
    for (let j = 0; j < n; j++) J[i * n + j] /= top;
    step[i] = -f[i] / top;
  }
  if (factor(J, rows, n) === 0) return null;
  substitute(J, rows, step, n);
  for (let j = 0; j < n; j++) step[j] *= sizes[independent[j]];
  return step.every(Number.isFinite) ? step : null;
}

/** Follow the course from the start to where it rests. */
function follow(examiner, initial) {
  const { model, run } = examiner;
  const { n, independent } = model;
  const integrator = new Integrator(run, TOLERANCE);
  const rows = new Int32Array(n);
  const matrix = new Float64Array(n * n);
  const y = run.free(initial);
  integrator.begin(y, initial.reduce((top, value) => Math.max(top, Math.abs(value)), 0));
  integrator.restart(0, y, LONGEST);
  integrator.h = Math.min(integrator.h, 1e6);
  // a step over which det(2/h − J) is not positive would be drawn to an unstable state
  const refuses = (h) => {
    for (let i = 0; i < n * n; i++) matrix[i] = -integrator.jacobian[i];
    for (let j = 0; j < n; j++) matrix[j * n + j] += 2 / h;
    return !(factor(matrix, rows, n) > 0);
  };
  const limit = performance.now() + PATIENCE;
  let found = null;
  while (integrator.steps < MOST_STEPS && integrator.t < LONGEST && performance.now() < limit) {
    if (!integrator.step(LONGEST, refuses)) {
      if (integrator.isStuck) break;
      continue;
    }
    const x = run.whole(integrator.y);
    const sizes = examiner.sizes(x);
    run.slopes(1e12, integrator.y, integrator.f, integrator.jacobian, integrator.d);
    const step = scaledStep(integrator.f, integrator.jacobian.slice(), rows, sizes, independent, n);
    integrator.fresh = model.standing;
    if (step === null || !step.every((each, j) => Math.abs(each) <= ARRIVED * sizes[independent[j]])) continue;
    const states = newton(examiner, x);
    if (states === null || !states.every((each, i) => Math.abs(each - x[i]) <= MOVED * sizes[i])) continue;
    const certificate = examiner.examine(states);
    if (certificate.status === "ok") return { states, certificate };
    found = { states, certificate };
    if (certificate.status !== "unstable") break;
  }
  if (found !== null) return found;
  const last = run.whole(integrator.y);
  const certificate = examiner.examine(last);
  if (certificate.status === "ok" || certificate.status === "neutral") return { states: last, certificate };
  return { states: null, certificate: { ...certificate, status: "not reached" } };
}
