/** Small dense linear algebra: what a stiff integrator and a certificate need. @module */

/**
 * Factor a matrix in place, with exchange of rows.
 *
 * @param {Float64Array} a - n × n, row by row; holds L and U afterwards.
 * @param {Int32Array} rows - filled with the exchanges.
 * @param {number} n
 * @returns {number} the determinant's sign; 0 where the matrix is singular or not finite.
 */
export function factor(a, rows, n) {
  let sign = 1;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    let largest = Math.abs(a[k * n + k]);
    for (let i = k + 1; i < n; i++) {
      const size = Math.abs(a[i * n + k]);
      if (size > largest) {
        largest = size;
        pivot = i;
      }
    }
    rows[k] = pivot;
    if (!(largest > 0) || largest === Infinity) return 0;
    if (pivot !== k) {
      sign = -sign;
      for (let j = 0; j < n; j++) {
        const held = a[k * n + j];
        a[k * n + j] = a[pivot * n + j];
        a[pivot * n + j] = held;
      }
    }
    const own = a[k * n + k];
    if (own < 0) sign = -sign;
    for (let i = k + 1; i < n; i++) {
      const share = a[i * n + k] / own;
      if (share === 0) continue;
      a[i * n + k] = share;
      for (let j = k + 1; j < n; j++) a[i * n + j] -= share * a[k * n + j];
    }
  }
  return sign;
}

/** Solve a factored system in place. */
export function substitute(a, rows, b, n) {
  for (let k = 0; k < n; k++) {
    const pivot = rows[k];
    if (pivot !== k) {
      const held = b[k];
      b[k] = b[pivot];
      b[pivot] = held;
    }
  }
  for (let i = 1; i < n; i++) {
    let sum = b[i];
    for (let j = 0; j < i; j++) sum -= a[i * n + j] * b[j];
    b[i] = sum;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i];
    for (let j = i + 1; j < n; j++) sum -= a[i * n + j] * b[j];
    b[i] = sum / a[i * n + i];
  }
}

/**
 * Return the inverse of a matrix, found with rows and columns made alike; null where it is singular.
 *
 * @param {Float64Array} matrix - n × n.
 * @param {number} n
 * @returns {?Float64Array}
 */
export function inverse(matrix, n) {
  const even = matrix.slice();
  const down = new Float64Array(n).fill(1);
  const across = new Float64Array(n).fill(1);
  for (let i = 0; i < n; i++) {
    let top = 0;
    for (let j = 0; j < n; j++) top = Math.max(top, Math.abs(even[i * n + j]));
    if (top > 0) down[i] = top;
    for (let j = 0; j < n; j++) even[i * n + j] /= down[i];
  }
  for (let j = 0; j < n; j++) {
    let top = 0;
    for (let i = 0; i < n; i++) top = Math.max(top, Math.abs(even[i * n + j]));
    if (top > 0) across[j] = top;
    for (let i = 0; i < n; i++) even[i * n + j] /= across[j];
  }
  const rows = new Int32Array(n);
  if (factor(even, rows, n) === 0) return null;
  let least = Infinity;
  let most = 0;
  for (let i = 0; i < n; i++) {
    least = Math.min(least, Math.abs(even[i * n + i]));
    most = Math.max(most, Math.abs(even[i * n + i]));
  }
  if (!(least > 4 * n * Number.EPSILON * most)) return null;
  const found = new Float64Array(n * n);
  const unit = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    unit.fill(0);
    unit[j] = 1;
    substitute(even, rows, unit, n);
    for (let i = 0; i < n; i++) found[i * n + j] = unit[i] / down[j] / across[i];
  }
  return found;
}
