/** The certificate of a steady state, from the model's velocities alone. @module */
import { inverse } from "./linear.js";
import { spectrum } from "./spectrum.js";

const MAX_IMBALANCE = 1e-9;
const MAX_ERROR = 1e-6;
const MAX_ROUNDING = 1e-3;
const MAX_DRIFT = 1e-9;
const EXCHANGE_SHARE = 1e-3;
const SMALLEST_SHARE = 1e-6;
const VANISHING_SHARE = 1e-12;
/** Distance to either side at which a state at a kink is tried, and what holds a small state. */
const ASIDE = 1e-7;
const HELD = 1e-3;

/** Return what is said where there is nothing to judge. */
export function uncertified(status) {
  return { status, imbalance: NaN, error: NaN, drift: NaN, stable: false, slowest: NaN };
}

/** Judges candidate states of one run: its constants and its conserved sums. */
export class Examiner {
  /**
   * @param {import("./model.js").Model} model
   * @param {Float64Array} c - constants.
   * @param {Float64Array} initial - starting states.
   */
  constructor(model, c, initial) {
    this.model = model;
    this.initial = initial;
    this.largest = largestOf(initial);
    this.run = model.run(c, initial);
  }

  /** What a change of each state is relative to: itself, or next to nothing. */
  sizes(x) {
    const floor = VANISHING_SHARE * Math.max(largestOf(x), this.largest);
    return x.map((value, i) => {
      const least = Math.max(SMALLEST_SHARE * Math.abs(this.initial[i]), floor);
      return Math.max(Math.abs(value), least) || 1;
    });
  }

  /** Velocities, their derivatives, and the reduced Jacobian relative to the sizes of the states. */
  linear(x, velocities = null) {
    const { model } = this;
    const { states, velocities: rates, n } = model;
    const v = new Float64Array(rates);
    const D = new Float64Array(rates * states);
    this.run.linear(x, v, D);
    const sizes = this.sizes(x);
    const own = model.independent.map((i) => sizes[i]);
    const used = velocities ?? v;
    const net = new Float64Array(n);
    const matrix = new Float64Array(n * n);
    const scaled = new Float64Array(n * rates);
    const doubt = new Float64Array(rates);
    const reduced = new Float64Array(rates * n);
    const gross = new Float64Array(rates * n);
    const terms = new Float64Array(n * n);
    for (let k = 0; k < rates; k++) {
      let slopes = 0;
      for (let i = 0; i < states; i++) slopes += Math.abs(D[k * states + i]) * sizes[i];
      doubt[k] = Number.EPSILON * (Math.abs(v[k]) + slopes);
      for (const [i, j, share] of model.link) {
        reduced[k * n + j] += D[k * states + i] * share;
        gross[k * n + j] += Math.abs(D[k * states + i] * share);
      }
    }
    for (const [i, k, factor] of model.stoichiometry) {
      const row = model.placeOf[i];
      if (row < 0) continue;
      net[row] += (factor / own[row]) * used[k];
      scaled[row * rates + k] = factor / own[row];
      for (let j = 0; j < n; j++) {
        matrix[row * n + j] += (factor * reduced[k * n + j] * own[j]) / own[row];
        terms[row * n + j] += (Math.abs(factor) * gross[k * n + j] * own[j]) / own[row];
      }
    }
    const finite = matrix.every(Number.isFinite) && net.every(Number.isFinite);
    return { v, D, net, matrix, terms, scaled, doubt, sizes, own, finite };
  }

  /** The step to the balance and what rounding may hide of it, relative to every state. */
  error(linear) {
    const { n, velocities: rates, link, states } = this.model;
    const back = inverse(linear.matrix, n);
    if (back === null) return { step: new Float64Array(states).fill(Infinity), largest: Infinity, rounding: Infinity };
    const step = new Float64Array(n);
    const noise = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) step[i] -= back[i * n + j] * linear.net[j];
      for (let k = 0; k < rates; k++) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += back[i * n + j] * linear.scaled[j * rates + k];
        noise[i] += Math.abs(sum) * linear.doubt[k];
      }
    }
    const all = new Float64Array(states);
    const hidden = new Float64Array(states);
    for (const [i, j, share] of link) {
      all[i] += share * step[j] * linear.own[j];
      hidden[i] += Math.abs(share) * noise[j] * linear.own[j];
    }
    let largest = 0;
    let rounding = 0;
    for (let i = 0; i < states; i++) {
      all[i] /= linear.sizes[i];
      largest = Math.max(largest, Math.abs(all[i]));
      rounding = Math.max(rounding, hidden[i] / linear.sizes[i]);
    }
    return { step: all, largest, rounding };
  }

  /**
   * @param {Float64Array} x - all states.
   * @returns {import("./types.js").Certificate}
   */
  examine(x) {
    const { model } = this;
    const here = this.linear(x);
    if (!x.every(Number.isFinite) || !here.v.every(Number.isFinite)) return uncertified("not finite");
    let linear = here;
    const empty = this.empty(x, here);
    if (empty.some(Boolean)) {
      linear = this.linear(x.map((value, i) => (empty[i] ? 0 : value)), here.v);
      // at the edge of a rate's domain: a little inside of it
      if (!linear.finite) linear = this.linear(x.map((value, i) => (empty[i] ? ASIDE * here.sizes[i] : value)), here.v);
    }
    if (!linear.finite) return uncertified("not finite");
    const imbalance = this.imbalance(x, here);
    const { largest, rounding } = this.error(linear);
    const drift = this.drift(x);
    const { growing, restored, slowest } = this.stability(x, linear);
    let status = "ok";
    if (!restored) status = growing ? "unstable" : "neutral";
    const most = largestOf(x);
    if (x.some((value, i) => model.positive[i] && value < -1e-12 * most)) status = "negative";
    if (drift > MAX_DRIFT) status = "drifted";
    const exact = largest <= MAX_ERROR || (largest <= rounding && rounding <= MAX_ROUNDING);
    // without a restoring force no step is defined, and the balance is all there is to say
    const balanced = imbalance <= MAX_IMBALANCE && (exact || (!restored && !growing));
    if (!balanced) status = "unbalanced";
    return { status, imbalance, error: largest + rounding, drift, stable: restored, slowest };
  }

  /** Whether each state is as good as zero, and no balance of its own holds it there. */
  empty(x, linear) {
    const floor = VANISHING_SHARE * Math.max(largestOf(x), this.largest);
    const gone = Array.from(x, (value, i) => Math.abs(value) < Math.max(SMALLEST_SHARE * Math.abs(this.initial[i]), floor));
    if (!gone.some(Boolean) || !linear.finite) return gone;
    const { step } = this.error(linear);
    return gone.map((is, i) => is && !(Math.abs(step[i]) * linear.sizes[i] < HELD * Math.abs(x[i])));
  }

  imbalance(x, linear) {
    const { model } = this;
    const { states, velocities: rates } = model;
    const most = SMALLEST_SHARE * largestOf(x);
    const net = new Float64Array(states);
    const gross = new Float64Array(states);
    const exchange = new Float64Array(states);
    const exchanged = new Float64Array(rates);
    for (let k = 0; k < rates; k++) {
      for (let i = 0; i < states; i++) {
        exchanged[k] += Math.abs(linear.D[k * states + i]) * Math.max(linear.sizes[i], most);
      }
    }
    for (const [i, k, factor] of model.stoichiometry) {
      net[i] += factor * linear.v[k];
      gross[i] += Math.abs(factor * linear.v[k]);
      exchange[i] += Math.abs(factor) * exchanged[k];
    }
    let largest = 0;
    for (let i = 0; i < states; i++) {
      if (net[i] === 0) continue;
      const beside = model.rated[i] ? exchange[i] : Math.max(gross[i], EXCHANGE_SHARE * exchange[i]);
      const share = Math.abs(net[i]) / beside;
      if (!(share <= largest)) largest = share;
    }
    return largest;
  }

  drift(x) {
    const change = new Map();
    const size = new Map();
    for (const [row, i, factor] of this.model.conserved) {
      change.set(row, (change.get(row) ?? 0) + factor * (x[i] - this.initial[i]));
      const top = Math.max(Math.abs(x[i]), Math.abs(this.initial[i]));
      size.set(row, (size.get(row) ?? 0) + Math.abs(factor) * top);
    }
    let largest = 0;
    for (const [row, moved] of change) largest = Math.max(largest, Math.abs(moved) / (size.get(row) || 1));
    return largest;
  }

  /** Whether a disturbance grows, whether all fall, and the slowest time constant. */
  stability(x, linear) {
    const { n, branches } = this.model;
    const at = spectrum(linear.matrix, linear.terms, n);
    if (at === null) return { growing: false, restored: false, slowest: NaN };
    let { restored } = at;
    if (restored && branches) {
      // at a kink a state may be restored from one side and left from the other
      for (const side of [1, -1]) {
        const y = this.model.independent.map((i, j) => x[i] + side * ASIDE * linear.sizes[i] * (1 + j / 7));
        const other = this.linear(this.run.whole(y));
        const found = other.finite ? spectrum(other.matrix, other.terms, n) : null;
        restored = restored && (found === null || found.restored);
      }
    }
    return { growing: at.growing, restored, slowest: at.leading < 0 ? -1 / at.leading : Infinity };
  }
}

function largestOf(values) {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}
