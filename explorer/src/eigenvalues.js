/** Eigenvalues of small dense matrices. @module */

/** Make rows and columns of a matrix alike in size by powers of two, in place; return by which. */
export function evened(a, n) {
  const scales = new Float64Array(n).fill(1);
  let settled = false;
  while (!settled) {
    settled = true;
    for (let i = 0; i < n; i++) {
      let row = 0;
      let column = 0;
      for (let j = 0; j < n; j++) {
        if (j !== i) {
          column += Math.abs(a[j * n + i]);
          row += Math.abs(a[i * n + j]);
        }
      }
      if (column === 0 || row === 0) continue;
      const sum = column + row;
      let factor_ = 1;
      while (column < row / 2) {
        factor_ *= 2;
        column *= 4;
      }
      while (column > row * 2) {
        factor_ /= 2;
        column /= 4;
      }
      if ((column + row) / factor_ < 0.95 * sum) {
        settled = false;
        scales[i] *= factor_;
        for (let j = 0; j < n; j++) a[i * n + j] /= factor_;
        for (let j = 0; j < n; j++) a[j * n + i] *= factor_;
      }
    }
  }
  return scales;
}

/** Bring a matrix to Hessenberg form by elimination, in place. */
function hessenberg(a, n) {
  for (let m = 1; m < n - 1; m++) {
    let pivot = m;
    for (let j = m; j < n; j++) {
      if (Math.abs(a[j * n + m - 1]) > Math.abs(a[pivot * n + m - 1])) pivot = j;
    }
    const x = a[pivot * n + m - 1];
    if (pivot !== m) {
      for (let j = m - 1; j < n; j++) [a[pivot * n + j], a[m * n + j]] = [a[m * n + j], a[pivot * n + j]];
      for (let j = 0; j < n; j++) [a[j * n + pivot], a[j * n + m]] = [a[j * n + m], a[j * n + pivot]];
    }
    if (x === 0) continue;
    for (let i = m + 1; i < n; i++) {
      const share = a[i * n + m - 1] / x;
      if (share === 0) continue;
      a[i * n + m - 1] = 0;
      for (let j = m; j < n; j++) a[i * n + j] -= share * a[m * n + j];
      for (let j = 0; j < n; j++) a[j * n + m] += share * a[j * n + i];
    }
  }
}

/**
 * Return the eigenvalues of a matrix by the QR method (Francis; Wilkinson and Reinsch 1971, HQR).
 *
 * @param {Float64Array} matrix - n × n.
 * @param {number} n
 * @returns {?{re: Float64Array, im: Float64Array}} null where the method comes to no end.
 */
export function eigenvalues(matrix, n) {
  const a = matrix.slice();
  if (!a.every(Number.isFinite)) return null;
  evened(a, n);
  hessenberg(a, n);
  const re = new Float64Array(n);
  const im = new Float64Array(n);
  const at = (i, j) => a[i * n + j];
  let norm = 0;
  for (let i = 0; i < n; i++) for (let j = Math.max(i - 1, 0); j < n; j++) norm += Math.abs(at(i, j));
  let last = n - 1;
  let shift = 0;
  let turns = 0;
  while (last >= 0) {
    let low = last;
    for (; low > 0; low--) {
      const around = Math.abs(at(low - 1, low - 1)) + Math.abs(at(low, low)) || norm;
      if (Math.abs(at(low, low - 1)) <= Number.EPSILON * around) {
        a[low * n + low - 1] = 0;
        break;
      }
    }
    let x = at(last, last);
    if (low === last) {
      re[last] = x + shift;
      last -= 1;
      turns = 0;
      continue;
    }
    let y = at(last - 1, last - 1);
    let w = at(last, last - 1) * at(last - 1, last);
    if (low === last - 1) {
      const p = (y - x) / 2;
      const q = p * p + w;
      const z = Math.sqrt(Math.abs(q));
      x += shift;
      if (q >= 0) {
        const far = p + (p >= 0 ? z : -z);
        re[last - 1] = x + far;
        re[last] = far !== 0 ? x - w / far : x + far;
      } else {
        re[last - 1] = re[last] = x + p;
        im[last - 1] = z;
        im[last] = -z;
      }
      last -= 2;
      turns = 0;
      continue;
    }
    if (turns === 60) return null;
    if (turns % 10 === 0 && turns > 0) {
      shift += x;
      for (let i = 0; i <= last; i++) a[i * n + i] -= x;
      const s = Math.abs(at(last, last - 1)) + Math.abs(at(last - 1, last - 2));
      x = y = 0.75 * s;
      w = -0.4375 * s * s;
    }
    turns += 1;
    let p = 0;
    let q = 0;
    let r = 0;
    let m = last - 2;
    for (; m >= low; m--) {
      const z = at(m, m);
      const rest = x - z;
      const s = y - z;
      p = (rest * s - w) / at(m + 1, m) + at(m, m + 1);
      q = at(m + 1, m + 1) - z - rest - s;
      r = at(m + 2, m + 1);
      const sum = Math.abs(p) + Math.abs(q) + Math.abs(r);
      p /= sum;
      q /= sum;
      r /= sum;
      if (m === low) break;
      const u = Math.abs(at(m, m - 1)) * (Math.abs(q) + Math.abs(r));
      const v = Math.abs(p) * (Math.abs(at(m - 1, m - 1)) + Math.abs(z) + Math.abs(at(m + 1, m + 1)));
      if (u <= Number.EPSILON * v) break;
    }
    for (let i = m; i < last - 1; i++) {
      a[(i + 2) * n + i] = 0;
      if (i !== m) a[(i + 2) * n + i - 1] = 0;
    }
    for (let k = m; k < last; k++) {
      let sum = 0;
      if (k !== m) {
        p = at(k, k - 1);
        q = at(k + 1, k - 1);
        r = k + 1 !== last ? at(k + 2, k - 1) : 0;
        sum = Math.abs(p) + Math.abs(q) + Math.abs(r);
        if (sum !== 0) {
          p /= sum;
          q /= sum;
          r /= sum;
        }
      }
      const root = Math.sqrt(p * p + q * q + r * r);
      const s = p >= 0 ? root : -root;
      if (s === 0) continue;
      if (k === m) {
        if (low !== m) a[k * n + k - 1] = -at(k, k - 1);
      } else {
        a[k * n + k - 1] = -s * sum;
      }
      p += s;
      x = p / s;
      y = q / s;
      const z = r / s;
      q /= p;
      r /= p;
      for (let j = k; j <= last; j++) {
        let t = at(k, j) + q * at(k + 1, j);
        if (k + 1 !== last) {
          t += r * at(k + 2, j);
          a[(k + 2) * n + j] -= t * z;
        }
        a[(k + 1) * n + j] -= t * y;
        a[k * n + j] -= t * x;
      }
      const end = last < k + 3 ? last : k + 3;
      for (let i = low; i <= end; i++) {
        let t = x * at(i, k) + y * at(i, k + 1);
        if (k + 1 !== last) {
          t += z * at(i, k + 2);
          a[i * n + k + 2] -= t * r;
        }
        a[i * n + k + 1] -= t * q;
        a[i * n + k] -= t;
      }
    }
  }
  return { re, im };
}
