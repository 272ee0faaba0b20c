/** The search for a steady state: Newton's method, and the course where that must not be trusted. @module */
import { Examiner, uncertified } from "./certificate.js";
import { Factors } from "./linear.js";
import { FOREVER } from "./model.js";
import { polished } from "./polish.js";
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
/** How far beside the start others are tried. */
const NUDGE = 1e-6;
/** Relative error carried along at which rounding, or a separatrix, may decide where a course ends. */
const DOUBT = 0.1;
/** What is small beside the largest state, beside a state's start, and beside its own largest size. */
const VANISHING = 1e-12;
const SMALLEST = 1e-6;
const SIGNED = 1e-4;
const MOST_STEPS = 20_000;
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
      const found = certified(examiner, states);
      if (found.certificate.status === "ok") return found;
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
  const factors = new Factors(n);
  let before = Infinity;
  for (let turn = 0; turn < NEWTON_STEPS; turn++) {
    run.whole(y, x);
    run.slopes(FOREVER, y, f, J, d);
    const sizes = examiner.sizes(x);
    const step = scaledStep(f, J.slice(), factors, sizes, independent, n);
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
    if (moved <= 4 * Number.EPSILON || (moved < 1e-9 && moved >= before / 2)) return settled(examiner, y);
    before = moved;
  }
  return before < 1e-6 ? settled(examiner, y) : null;
}

/** Return all states, of which what is as good as zero and below it is zero. */
function settled(examiner, y) {
  const { independent, positive } = examiner.model;
  const sizes = examiner.sizes(examiner.run.whole(y));
  for (let j = 0; j < y.length; j++) {
    const i = independent[j];
    if (positive[i] && y[j] < 0 && -y[j] < sizes[i]) y[j] = 0;
  }
  return examiner.run.whole(y);
}

/** Solve J d = −f with rows and columns relative to the sizes of the states. */
function scaledStep(f, J, factors, sizes, independent, n) {
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
  if (factors.factor(J) === 0) return null;
  factors.solve(step);
  for (let j = 0; j < n; j++) step[j] *= sizes[independent[j]];
  return step.every(Number.isFinite) ? step : null;
}

/**
 * Follow the course from the start to where it rests. Where neighbouring courses part on the way, starts
 * beside the model's own are followed, too: if they lead elsewhere, rounding decides, and no state is
 * claimed.
 */
function follow(examiner, initial) {
  const found = followTo(examiner, initial);
  if (!found.parted || found.certificate.status !== "ok") return found;
  const { model, run } = examiner;
  const y = run.free(initial);
  const top = initial.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const lean = y.map((_, j) => 1 + j / y.length);
  for (const nudge of [lean, lean.toReversed(), lean.map((each) => -each), lean.toReversed().map((each) => -each)]) {
    const beside = y.map((value, j) => {
      const size = NUDGE * Math.max(Math.abs(value), top * SMALLEST);
      const own = Math.abs(value) / 4;
      // a trace is not moved below zero, which is another course
      const least = own > 0 ? Math.min(size, own) : size;
      return value + (value > 0 || !model.positive[model.independent[j]] ? nudge[j] : Math.abs(nudge[j])) * least;
    });
    const other = followTo(examiner, run.whole(beside));
    const sizes = examiner.sizes(found.states);
    const isSame = other.states?.every((each, i) => Math.abs(each - found.states[i]) <= MOVED * sizes[i]);
    if (!isSame) return { states: null, certificate: uncertified("not reached") };
  }
  return found;
}

/** Return a state and its certificate; where that finds it unbalanced, of the polished state. */
function certified(examiner, states) {
  const certificate = examiner.examine(states);
  if (certificate.status !== "unbalanced") return { states, certificate };
  const finer = polished(examiner, states);
  const other = finer === null ? certificate : examiner.examine(finer);
  return other.status === "ok" ? { states: finer, certificate: other } : { states, certificate };
}

/** Follow the course from some states; `parted` says whether neighbouring courses part on the way. */
function followTo(examiner, initial) {
  const { model, run } = examiner;
  const { n, independent } = model;
  const integrator = new Integrator(run, TOLERANCE);
  const factors = new Factors(n);
  const matrix = new Float64Array(n * n);
  const y = run.free(initial);
  const carried = y.map((value, j) => Math.abs(value) * TOLERANCE * (1 + j / n));
  const seen = initial.map(Math.abs);
  integrator.begin(y, seen.reduce((a, b) => Math.max(a, b), 0));
  integrator.restart(0, y, LONGEST);
  integrator.h = Math.min(integrator.h, 1e6);
  // a step over which det(2/h − J) is not positive would be drawn to an unstable state
  let double = 0;
  const refuses = (h) => {
    double = 2 / h;
    for (let i = 0; i < n * n; i++) matrix[i] = -integrator.jacobian[i];
    for (let j = 0; j < n; j++) matrix[j * n + j] += double;
    return !(factors.factor(matrix) > 0);
  };
  const limit = performance.now() + PATIENCE;
  let parted = false;
  let found = null;
  while (integrator.steps < MOST_STEPS && integrator.t < LONGEST && performance.now() < limit) {
    if (!integrator.step(LONGEST, refuses)) {
      if (integrator.isStuck) break;
      continue;
    }
    const x = run.whole(integrator.y);
    carry(carried, integrator.error, double, factors, n);
    parted ||= !(largestShare(model, carried, x, initial, seen) <= DOUBT);
    const sizes = examiner.sizes(x);
    run.slopes(FOREVER, integrator.y, integrator.f, integrator.jacobian, integrator.d);
    integrator.fresh = true;
    const step = scaledStep(integrator.f, integrator.jacobian.slice(), factors, sizes, independent, n);
    if (step === null || !step.every((each, j) => Math.abs(each) <= ARRIVED * sizes[independent[j]])) continue;
    const states = newton(examiner, x);
    if (states === null || !states.every((each, i) => Math.abs(each - x[i]) <= MOVED * sizes[i])) continue;
    found = { ...certified(examiner, states), parted };
    const { certificate } = found;
    if (certificate.status === "ok") return found;
    if (certificate.status !== "unstable") break;
  }
  if (found !== null) return found;
  const last = run.whole(integrator.y);
  const certificate = examiner.examine(last);
  if (certificate.status === "ok" || certificate.status === "neutral") return { states: last, certificate, parted };
  return { states: null, certificate: { ...certificate, status: "not reached" }, parted };
}

/**
 * Move the error made so far along with a step, and add the error that the step made. Twice
 * (2/h) / (2/h − J) is the exponential of hJ to second order, grows faster than it does, and damps what
 * is fast. Errors add up in size; the lean keeps them off any line of symmetry.
 */
function carry(carried, error, double, factors, n) {
  for (let turn = 0; turn < 2; turn++) {
    for (let j = 0; j < n; j++) carried[j] *= double;
    factors.solve(carried);
  }
  for (let j = 0; j < n; j++) {
    const own = Math.abs(error[j]) * (1 + j / n);
    carried[j] += carried[j] >= 0 ? own : -own;
  }
}

/**
 * Return the largest change of a state relative to itself. A trace at the start may grow; a state that
 * may have any sign passes zero on its way, where its largest size so far, `seen`, counts.
 */
function largestShare(model, change, x, initial, seen) {
  const all = new Float64Array(model.states);
  for (const [i, j, share] of model.link) all[i] += share * change[j];
  const most = seen.reduce((top, value) => Math.max(top, value), 0);
  const nothing = Math.max(most * VANISHING, 1e-300);
  let worst = 0;
  for (let i = 0; i < all.length; i++) {
    seen[i] = Math.max(seen[i], Math.abs(x[i]));
    const own = Math.abs(initial[i]) * SMALLEST;
    let floor = own > 0 ? Math.min(own, nothing) : nothing;
    if (!model.positive[i]) floor = Math.max(nothing, seen[i] * SIGNED);
    const share = Math.abs(all[i]) / Math.max(Math.abs(x[i]), floor);
    if (!(share <= worst)) worst = share;
  }
  return worst;
}
