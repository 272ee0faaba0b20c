/** How a state rests, by the eigenvalues of its Jacobian and by what rounding may hide. @module */
import { eigenvalues, evened } from "./eigenvalues.js";
import { Factors } from "./linear.js";

/** Real parts beyond this share of the matrix's norm are no rounding, whatever the eigenvectors. */
const CLEAR = 1e-8;
/** Real parts closer to zero than this share of the norm are zero. */
const ZERO = 1e-13;

/**
 * Return whether a disturbance grows, whether all fall, and the largest real part.
 *
 * Block by block of states that act on each other, so that a slow state beside fast ones keeps its
 * digits. To first order an eigenvalue moves by y'Ex / y'x when the matrix moves by E (Wilkinson 1965,
 * The Algebraic Eigenvalue Problem); E is rounding of the matrix's terms.
 *
 * @param {Float64Array} matrix The Jacobian of the states relative to their sizes, n × n.
 * @param {Float64Array} terms The same with the sizes of all terms.
 * @param {number} n
 * @returns {?{leading: number, growing: boolean, restored: boolean}} null where it is not known.
 */
export function spectrum(matrix, terms, n) {
  const clear = eigenvalues(matrix, n);
  if (clear === null) return null;
  const leading = clear.re.reduce((a, b) => Math.max(a, b), -Infinity);
  if (n === 0 || leading < -CLEAR * normOf(matrix, n)) return { leading, growing: false, restored: true };
  const told = { leading: -Infinity, growing: false, restored: true };
  for (const block of blocks(matrix, n)) {
    const m = block.length;
    const own = partOf(matrix, n, block);
    const beside = partOf(terms, n, block);
    const scales = evened(own, m);
    for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) beside[i * m + j] *= scales[j] / scales[i];
    const found = eigenvalues(own, m);
    if (found === null) return null;
    const norm = normOf(own, m);
    for (let k = 0; k < m; k++) {
      const value = found.re[k];
      let limit = m > 1 ? ZERO * norm : 8 * Number.EPSILON * beside[0];
      if (m > 1 && found.im[k] === 0 && Math.abs(value) <= limit) limit = Math.min(limit, moved(own, beside, value, m, norm));
      told.leading = Math.max(told.leading, value);
      told.growing ||= value > limit;
      told.restored &&= value < -limit;
    }
  }
  return told;
}

/** Return how far rounding may move a real eigenvalue, by its eigenvectors from inverse iteration. */
function moved(matrix, terms, value, m, norm) {
  const right = eigenvector(matrix, value, m, norm);
  const turned = matrix.map((_, at) => matrix[(at % m) * m + Math.floor(at / m)]);
  const left = eigenvector(turned, value, m, norm);
  if (right === null || left === null) return Infinity;
  let overlap = 0;
  let sum = norm;
  for (let i = 0; i < m; i++) {
    overlap += left[i] * right[i];
    for (let j = 0; j < m; j++) sum += Math.abs(left[i]) * terms[i * m + j] * Math.abs(right[j]);
  }
  return (8 * m * Number.EPSILON * sum) / Math.abs(overlap);
}

function eigenvector(matrix, value, m, norm) {
  const a = matrix.slice();
  const factors = new Factors(m);
  // a little beside the eigenvalue, so that there is something to divide by
  for (let i = 0; i < m; i++) a[i * m + i] -= value + Number.EPSILON * norm;
  if (factors.factor(a) === 0) return null;
  const x = new Float64Array(m).fill(1 / Math.sqrt(m));
  for (let turn = 0; turn < 3; turn++) {
    factors.solve(x);
    const length = Math.sqrt(x.reduce((sum, each) => sum + each * each, 0));
    for (let i = 0; i < m; i++) x[i] /= length;
  }
  return x.every(Number.isFinite) ? x : null;
}

/** Return the sets of states that act on each other. */
function blocks(matrix, n) {
  const reach = Uint8Array.from(matrix, (value) => (value === 0 ? 0 : 1));
  for (let k = 0; k < n; k++) {
    reach[k * n + k] = 1;
    for (let i = 0; i < n; i++) {
      if (reach[i * n + k] === 0) continue;
      for (let j = 0; j < n; j++) reach[i * n + j] |= reach[k * n + j];
    }
  }
  const found = [];
  const taken = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (taken[i]) continue;
    const block = [];
    for (let j = i; j < n; j++) {
      if (reach[i * n + j] && reach[j * n + i]) {
        block.push(j);
        taken[j] = 1;
      }
    }
    found.push(block);
  }
  return found;
}

function partOf(matrix, n, block) {
  const m = block.length;
  return Float64Array.from({ length: m * m }, (_, at) => matrix[block[Math.floor(at / m)] * n + block[at % m]]);
}

function normOf(matrix, n) {
  let norm = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += Math.abs(matrix[i * n + j]);
    norm = Math.max(norm, sum);
  }
  return norm;
}
