/**
 * Rodas5P: a Rosenbrock method of order 5 for stiff courses, with interpolation of order 4.
 *
 * Steinebach 2023, BIT Numer Math 63:27, for increments u = γ⁻¹ Γ k (Hairer and Wanner 1996, section
 * IV.7). A stage solves
 *
 *   (1/(hγ) − J) u_s = f(t + c_s h, y + Σ A[s][q] u_q) + 1/h Σ C[s][q] u_q + d_s h ∂f/∂t.
 *
 * @module
 */
import { Factors } from "./linear.js";

const STAGES = 8;
const ORDER = 5;
const GAMMA = 0.21193756319429014;
const A = [
  [],
  [3.0],
  [2.849394379747939, 0.45842242204463923],
  [-6.954028509809101, 2.489845061869568, -10.358996098473584],
  [2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641],
  [-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946],
];
const C = [
  [],
  [-14.155112264123755],
  [-17.97296035885952, -2.859693295451294],
  [147.12150275711716, -1.41221402718213, 71.68940251302358],
  [165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306],
  [24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471],
  [30.91273214028599, -3.1208243349937974, 77.79954646070892, 34.28646028294783, -19.097331116725623, -28.087943162872662],
  [37.80277123390563, -3.2571969029072276, 112.26918849496327, 66.9347231244047, -40.06618937091002, -54.66780262877968, -9.48861652309627],
];
/** Of the interpolation y(θ) = (1 − θ) y₀ + θ (y₁ + (1 − θ) (d₁ + θ (d₂ + θ d₃))). */
const H = [
  [25.948786856663858, -2.5579724845846235, 10.433815404888879, -2.3679251022685204, 0.524948541321073, 1.1241088310450404, 0.4272876194431874, -0.17202221070155493],
  [-9.91568850695171, -0.9689944594115154, 3.0438037242978453, -24.495224215566797, 20.176138334709044, 15.98066361424651, -6.789040303419874, -6.710236069923372],
  [11.419903575922262, 2.8879645146136994, 72.92137995996029, 80.12511834622643, -52.072871366152654, -59.78993625266729, -0.15582684282751913, 4.883087185713722],
];
/** Times of the stages, and weights of the derivative by time. */
const TIMES = [0, 0.6358126895828704, 0.4095798393397535, 0.9769306725060716, 0.4288403609558664, 1, 1, 1];
const BY_TIME = [0.21193756319429014, -0.42387512638858027, -0.3384627126235924, 1.8046452872882734, 2.325825639765069, 0, 0, 0];

/** Absolute tolerance of a state, relative to the largest that it has been. */
const ABSOLUTE_SCALE = 1e-3;
/** A state that starts at zero is taken to become this share of the largest start. */
const SUPPOSED = 1e-3;
const SHRINK = 0.2;
const GROW = 5;
const SAFETY = 0.9;
/** A first step, relative to the fastest rate; and the smallest, relative to the time. */
const FIRST = 1e-3;
const LEAST = 1e-15;

/**
 * What an integrator needs of a model.
 *
 * @typedef {object} System
 * @property {number} n - how many states move by themselves.
 * @property {(t: number, y: Float64Array, f: Float64Array) => void} balance - net rates.
 * @property {(t: number, y: Float64Array, f: Float64Array, J: Float64Array, d: Float64Array) => void} slopes -
 *   net rates, their Jacobian row by row, and their derivatives by the time.
 */

/** Follows one course, step by step. Where something is set from outside, `restart` it. */
export class Integrator {
  /**
   * @param {System} system
   * @param {number} tolerance - relative error of a step.
   */
  constructor(system, tolerance) {
    const n = system.n;
    this.system = system;
    this.tolerance = tolerance;
    this.t = this.before = 0;
    this.h = this.length = 1;
    this.steps = 0;
    this.longest = Infinity;
    for (const name of ["y", "old", "next", "f", "moved", "slope", "d", "seen", "floor"]) {
      this[name] = new Float64Array(n);
    }
    this.jacobian = new Float64Array(n * n);
    this.matrix = new Float64Array(n * n);
    this.factors = new Factors(n);
    this.stages = Array.from({ length: STAGES }, () => new Float64Array(n));
    this.dense = Array.from({ length: H.length }, () => new Float64Array(n));
    this.fresh = false;
  }

  /** Forget how large the states have been; `largest` is the largest of all at the start. */
  begin(y, largest, tops = null) {
    for (let j = 0; j < this.system.n; j++) {
      this.seen[j] = Math.abs(y[j]);
      const supposed = tops && tops[j] > 0 ? tops[j] : largest > 0 ? SUPPOSED * largest : SUPPOSED;
      this.floor[j] = y[j] === 0 ? supposed : 0;
    }
  }

  /** Whether a state stayed far smaller than it was taken for, so that it was followed loosely. */
  get isLoose() {
    return this.seen.some((top, j) => top > 0 && top < ABSOLUTE_SCALE * this.floor[j]);
  }

  /** Stand at a state: no step has been taken, and the next is a first one. */
  restart(t, y, end) {
    const { n } = this.system;
    this.t = this.before = t;
    this.length = 1;
    this.y.set(y);
    this.old.set(y);
    for (const row of this.dense) row.fill(0);
    // what is always zero is not written, and another system may have held something there
    this.d.fill(0);
    this.system.slopes(t, this.y, this.f, this.jacobian, this.d);
    this.fresh = true;
    let fastest = 1e-300;
    for (let j = 0; j < n; j++) {
      fastest = Math.max(fastest, Math.abs(this.jacobian[j * n + j]) || 0);
      const share = Math.abs(this.f[j] / y[j]);
      if (share < Infinity) fastest = Math.max(fastest, share);
      this.seen[j] = Math.max(this.seen[j], Math.abs(y[j]));
    }
    this.h = Math.min(FIRST / fastest, Math.max((end - t) * FIRST, 1e-300));
  }

  /**
   * Try a step that does not run over `end`.
   *
   * @param {number} end
   * @param {?(h: number) => boolean} refuses - asked before a step; a refused one is halved.
   * @returns {boolean} whether a step was taken.
   */
  step(end, refuses = null) {
    const { n } = this.system;
    const left = end - this.t;
    this.h = Math.min(this.h, this.longest);
    const isLast = this.h * (1 + 1e-9) >= left;
    const h = isLast ? left : this.h;
    this.steps += 1;
    if (!this.fresh) this.system.slopes(this.t, this.y, this.f, this.jacobian, this.d);
    this.fresh = true;
    if (refuses !== null && refuses(h)) {
      this.h = h / 2;
      return false;
    }
    if (!this.stage(h)) {
      this.h = h * SHRINK;
      return false;
    }
    const { error } = this;
    let sum = 0;
    let finite = true;
    for (let j = 0; j < n; j++) {
      const next = this.moved[j] + error[j];
      this.next[j] = next;
      finite = finite && Number.isFinite(next);
      const size = Math.max(Math.abs(this.y[j]), Math.abs(next));
      const top = Math.max(this.seen[j], this.floor[j], size);
      if (error[j] !== 0) {
        const share = error[j] / (this.tolerance * (size + ABSOLUTE_SCALE * top));
        sum += share * share;
      }
    }
    const share = n > 0 ? Math.sqrt(sum / n) : 0;
    finite = finite && Number.isFinite(share);
    const change = finite
      ? Math.min(Math.max(SAFETY * Math.max(share, 1e-10) ** (-1 / ORDER), SHRINK), GROW)
      : SHRINK;
    if (!finite || share > 1) {
      this.h = h * change;
      return false;
    }
    for (let row = 0; row < H.length; row++) {
      const weights = H[row];
      const dense = this.dense[row];
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let s = 0; s < STAGES; s++) total += weights[s] * this.stages[s][j];
        dense[j] = total;
      }
    }
    for (let j = 0; j < n; j++) this.seen[j] = Math.max(this.seen[j], Math.abs(this.next[j]));
    [this.old, this.y, this.next] = [this.y, this.next, this.old];
    this.before = this.t;
    this.length = h;
    this.t = isLast ? end : this.t + h;
    this.fresh = false;
    // a step that was cut short says nothing against the next
    this.h = isLast ? Math.max(h * change, this.h) : h * change;
    return true;
  }

  /** The error of the last step. */
  get error() {
    return this.stages[STAGES - 1];
  }

  /** Whether no step is small enough. */
  get isStuck() {
    return this.h <= Math.abs(this.t) * LEAST || this.h < 1e-290;
  }

  /** Compute the stages of a step; answer whether its linear system could be solved. */
  stage(h) {
    const { n } = this.system;
    const { matrix, jacobian, moved, stages } = this;
    const shift = 1 / (h * GAMMA);
    for (let i = 0; i < n * n; i++) matrix[i] = -jacobian[i];
    for (let j = 0; j < n; j++) matrix[j * n + j] += shift;
    if (this.factors.factor(matrix) === 0) return false;
    for (let s = 0; s < STAGES; s++) {
      const stage = stages[s];
      let slope = this.f;
      if (s > 0) {
        if (s <= 5) {
          const weights = A[s];
          for (let j = 0; j < n; j++) {
            let total = this.y[j];
            for (let q = 0; q < s; q++) total += weights[q] * stages[q][j];
            moved[j] = total;
          }
        } else {
          for (let j = 0; j < n; j++) moved[j] += stages[s - 1][j];
        }
        slope = this.slope;
        this.system.balance(this.t + TIMES[s] * h, moved, slope);
      }
      const pulls = C[s];
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let q = 0; q < s; q++) total += pulls[q] * stages[q][j];
        stage[j] = slope[j] + total / h + BY_TIME[s] * h * this.d[j];
      }
      this.factors.solve(stage);
    }
    return true;
  }

  /** Fill `out` with the state at a time within the last step. */
  between(t, out) {
    if (t === this.t) {
      out.set(this.y);
      return;
    }
    const share = (t - this.before) / this.length;
    const rest = 1 - share;
    const [d1, d2, d3] = this.dense;
    for (let j = 0; j < this.system.n; j++) {
      const inner = d1[j] + share * (d2[j] + share * d3[j]);
      out[j] = rest * this.old[j] + share * (this.y[j] + rest * inner);
    }
  }
}
