/** Linear algebra of small matrices, most of which is zero: what a stiff integrator and a certificate need. @module */

/** The triangular factors of a matrix, L U = P a, without what is zero in them. */
export class Factors {
  /** @param {number} n */
  constructor(n) {
    this.n = n;
    this.pivots = new Int32Array(n);
    /** Row by row of both factors: where it starts, where its diagonal stands, and what is in it. */
    this.starts = new Int32Array(n + 1);
    this.diagonals = new Int32Array(n);
    this.columns = new Int32Array(n * n);
    this.values = new Float64Array(n * n);
    /** Of one column and one row: what is below the diagonal, and what is right of it. */
    this.below = new Int32Array(n);
    this.across = new Int32Array(n);
  }

  /**
   * Factor a matrix, with exchange of rows.
   *
   * @param {Float64Array} a - n × n, row by row; overwritten.
   * @returns {number} the determinant's sign; 0 where the matrix is singular or not finite.
   */
  factor(a) {
    const { n, below, across } = this;
    let sign = 1;
    for (let k = 0; k < n; k++) {
      let pivot = k;
      let largest = Math.abs(a[k * n + k]);
      let rows = 0;
      for (let i = k + 1; i < n; i++) {
        const size = Math.abs(a[i * n + k]);
        if (size === 0) continue;
        below[rows++] = i;
        if (size > largest) {
          largest = size;
          pivot = i;
        }
      }
      this.pivots[k] = pivot;
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
      let count = 0;
      for (let j = k + 1; j < n; j++) if (a[k * n + j] !== 0) across[count++] = j;
      for (let r = 0; r < rows; r++) {
        const row = below[r] * n;
        const share = a[row + k] / own;
        a[row + k] = share;
        // the row that was exchanged may hold nothing here
        if (share !== 0) for (let q = 0; q < count; q++) a[row + across[q]] -= share * a[k * n + across[q]];
      }
    }
    this.gather(a);
    return sign;
  }

  gather(a) {
    const { n, starts, diagonals, columns, values } = this;
    let at = 0;
    for (let i = 0; i < n; i++) {
      starts[i] = at;
      for (let j = 0; j < n; j++) {
        const value = a[i * n + j];
        if (value === 0) continue;
        if (j === i) diagonals[i] = at;
        columns[at] = j;
        values[at++] = value;
      }
    }
    starts[n] = at;
  }

  /** Solve a x = b in place. @param {Float64Array} b */
  solve(b) {
    const { n, pivots, starts, diagonals, columns, values } = this;
    for (let k = 0; k < n; k++) {
      const pivot = pivots[k];
      if (pivot !== k) {
        const held = b[k];
        b[k] = b[pivot];
        b[pivot] = held;
      }
    }
    for (let i = 1; i < n; i++) {
      let sum = b[i];
      for (let q = starts[i]; q < diagonals[i]; q++) sum -= values[q] * b[columns[q]];
      b[i] = sum;
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = b[i];
      for (let q = diagonals[i] + 1; q < starts[i + 1]; q++) sum -= values[q] * b[columns[q]];
      b[i] = sum / values[diagonals[i]];
    }
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
  const factors = new Factors(n);
  if (factors.factor(even) === 0) return null;
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
    factors.solve(unit);
    for (let i = 0; i < n; i++) found[i * n + j] = unit[i] / down[j] / across[i];
  }
  return found;
}
