/** Formulas, what is taken of courses, and checks, by the rules of the experiments in Python. */

/** @typedef {import("./types.js").Tree} Tree */

/** Share of a course's last time within which two times are one. */
const SAME = 1e-12;

const FUNCTIONS = /** @type {Record<string, (...values: number[]) => number>} */ ({
  plus: (...v) => v.reduce((a, b) => a + b, 0), times: (...v) => v.reduce((a, b) => a * b, 1),
  minus: (a, b) => (b === undefined ? -a : a - b), divide: (a, b) => a / b, power: (a, b) => a ** b,
  abs: Math.abs, exp: Math.exp, ln: Math.log, log: Math.log10, root: Math.sqrt, min: Math.min, max: Math.max,
  sin: Math.sin, cos: Math.cos, tan: Math.tan, tanh: Math.tanh,
  lt: (a, b) => Number(a < b), gt: (a, b) => Number(a > b), leq: (a, b) => Number(a <= b), geq: (a, b) => Number(a >= b),
  eq: (a, b) => Number(a === b), neq: (a, b) => Number(a !== b),
  and: (...v) => Number(v.every(Boolean)), or: (...v) => Number(v.some(Boolean)), not: (a) => Number(!a),
});

/** The value of a formula. @param {Tree} tree @param {(id: string) => number} get @returns {number} */
export function valueOf(tree, get) {
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") return get(tree);
  const [name, ...operands] = tree;
  const apply = FUNCTIONS[name];
  if (!apply) throw new Error(`'${name}' is no function here`);
  return apply(...operands.map((/** @type {Tree} */ each) => valueOf(each, get)));
}

/**
 * A formula along a course.
 * @param {Tree} tree @param {{t: ArrayLike<number>, columns: Record<string, ArrayLike<number>>}} course
 */
export function along(tree, course) {
  return Float64Array.from(course.t, (t, n) =>
    valueOf(tree, (id) => (id === "time" ? t : course.columns[id][n])));
}

/** Value at a time between points; at a jump that from the right, or from the left. */
function at(/** @type {ArrayLike<number>} */ t, /** @type {ArrayLike<number>} */ y, /** @type {number} */ time) {
  const same = SAME * Math.abs(t[t.length - 1]);
  let n = 0;
  while (n < t.length - 1 && t[n + 1] <= time + same) n++;
  if (n === t.length - 1 || Math.abs(t[n] - time) <= same) return y[n];
  return y[n] + ((time - t[n]) / (t[n + 1] - t[n])) * (y[n + 1] - y[n]);
}

/** Points of a window, with its ends. */
function within(/** @type {ArrayLike<number>} */ t, /** @type {ArrayLike<number>} */ y, /** @type {number} */ start, /** @type {number} */ end) {
  const same = SAME * Math.abs(t[t.length - 1]);
  const [times, values] = [[start], [at(t, y, start)]];
  for (let n = 0; n < t.length; n++) {
    if (t[n] > start + same && t[n] < end - same) {
      times.push(t[n]);
      values.push(y[n]);
    }
  }
  times.push(end);
  values.push(at(t, y, end));
  return [times, values];
}

/** Time to a level, counted from the window's start; NaN if it is never reached. */
function crossing(/** @type {number[]} */ t, /** @type {number[]} */ y, /** @type {number} */ level) {
  for (let n = 0; n < t.length; n++) {
    if (y[n] === level) return t[n] - t[0];
    if (n + 1 < t.length && (y[n] - level) * (y[n + 1] - level) < 0) {
      return t[n] + ((level - y[n]) / (y[n + 1] - y[n])) * (t[n + 1] - t[n]) - t[0];
    }
  }
  return NaN;
}

/**
 * The number that is taken of a course.
 * @param {import("./types.js").Stage["measures"][number]} measure
 * @param {{t: ArrayLike<number>, columns: Record<string, ArrayLike<number>>}} course
 */
export function measure({ formula, take, at: time, start, end, level }, course) {
  const all = along(formula, course);
  const last = course.t[course.t.length - 1];
  const [t, y] = within(course.t, all, time ?? start ?? course.t[0], time ?? end ?? last);
  const [first, final] = [y[0], y[y.length - 1]];
  const area = () => t.slice(1).reduce((sum, now, n) => sum + ((now - t[n]) * (y[n] + y[n + 1])) / 2, 0);
  switch (take) {
    case "initial": return first;
    case "final": case "value": return final;
    case "change": return final - first;
    case "min": return Math.min(...y);
    case "max": return Math.max(...y);
    case "area": return area();
    case "mean": return area() / (t[t.length - 1] - t[0]);
    case "time_of_min": return t[y.indexOf(Math.min(...y))] - t[0];
    case "time_of_max": return t[y.indexOf(Math.max(...y))] - t[0];
    case "half_time": return final === first ? NaN : crossing(t, y, first + 0.5 * (final - first));
    case "time_constant": return final === first ? NaN : crossing(t, y, first + (1 - Math.exp(-1)) * (final - first));
    case "time_to": return crossing(t, y, Number(level));
    default: throw new Error(`'${take}' is nothing to take`);
  }
}

/**
 * How a check comes out.
 * @param {import("./types.js").Stage["checks"][number]} check
 * @param {Record<string, number>} values Of the measures.
 */
export function judged(check, values) {
  const found = valueOf(check.formula, (name) => values[name]);
  if (!check.window) return { effect: null, holds: found === 1 };
  const effect = check.window.scale * found;
  return { effect, holds: effect >= check.window.low && effect <= check.window.high };
}

/**
 * What becomes of a quantity: by its value at the end beside that at the start or of a control.
 * @param {number} before @param {number} after @returns {"rises"|"falls"|"stays"}
 */
export function trend(before, after) {
  const size = Math.max(Math.abs(before), Math.abs(after));
  if (!(Math.abs(after - before) > 0.05 * size)) return "stays";
  return after > before ? "rises" : "falls";
}
