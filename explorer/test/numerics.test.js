/** The pieces of the engine, against what is known of them exactly. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eigenvalues } from "../src/eigenvalues.js";
import { Factors, inverse } from "../src/linear.js";
import { Integrator } from "../src/rodas.js";
import { spectrum } from "../src/spectrum.js";

/** Numbers from −1 to 1 that are the same in every run. */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

const near = (found, known, within) => assert.ok(Math.abs(found - known) <= within, `${found} is not ${known}`);

test("a system of equations is solved, and the determinant's sign is told", () => {
  const draw = random(1);
  for (const n of [1, 2, 5, 30]) {
    const a = Float64Array.from({ length: n * n }, draw);
    const x = Float64Array.from({ length: n }, draw);
    const b = x.map((_, i) => x.reduce((sum, value, j) => sum + a[i * n + j] * value, 0));
    const factors = new Factors(n);
    assert.notEqual(factors.factor(a.slice()), 0);
    factors.solve(b);
    b.forEach((value, i) => near(value, x[i], 1e-9));
  }
  assert.equal(new Factors(2).factor(Float64Array.of(0, 1, 1, 0)), -1);
  assert.equal(new Factors(2).factor(Float64Array.of(-2, 0, 0, -3)), 1);
  assert.equal(new Factors(2).factor(Float64Array.of(1, 2, 2, 4)), 0);
});

test("a matrix of very unlike rows and columns has its inverse", () => {
  const a = Float64Array.of(1e-20, 2e-5, 3e-21, 1e-6);
  const back = inverse(a, 2);
  near(back[0] * a[0] + back[1] * a[2], 1, 1e-12);
  near(back[2] * a[1] + back[3] * a[3], 1, 1e-12);
  assert.equal(inverse(Float64Array.of(1, 2, 2, 4), 2), null);
});

test("eigenvalues are the roots of a polynomial, and those of a rotation", () => {
  const roots = [-4, -3, -2, -1, 0.5];
  // the companion matrix of Π (x − root)
  let polynomial = [1];
  for (const root of roots) polynomial = [...polynomial, 0].map((c, k) => c - root * (polynomial[k - 1] ?? 0));
  const n = roots.length;
  const a = new Float64Array(n * n);
  for (let j = 0; j < n; j++) a[j] = -polynomial[j + 1];
  for (let i = 1; i < n; i++) a[i * n + i - 1] = 1;
  const found = Array.from(eigenvalues(a, n).re).sort((one, other) => one - other);
  found.forEach((value, k) => near(value, roots[k], 1e-9));
  const turned = eigenvalues(Float64Array.of(-1, -2, 2, -1), 2);
  near(turned.re[0], -1, 1e-12);
  near(Math.abs(turned.im[0]), 2, 1e-12);
});

test("sum and product of the eigenvalues are trace and determinant", () => {
  const draw = random(2);
  for (const n of [3, 4, 7, 12, 40]) {
    const a = Float64Array.from({ length: n * n }, draw);
    const { re, im } = eigenvalues(a, n);
    const trace = re.reduce((sum, _, i) => sum + a[i * n + i], 0);
    near(re.reduce((sum, value) => sum + value, 0), trace, 1e-10 * n);
    near(im.reduce((sum, value) => sum + value, 0), 0, 1e-10 * n);
    const sizes = re.reduce((sum, value, i) => sum + Math.log(Math.hypot(value, im[i])), 0);
    const held = a.slice();
    new Factors(n).factor(held);
    const known = re.reduce((sum, _, i) => sum + Math.log(Math.abs(held[i * n + i])), 0);
    near(sizes, known, 1e-8 * n);
  }
});

test("a slow state beside fast ones keeps its sign", () => {
  const a = Float64Array.of(-1e12, 0, 0, -1e-6);
  assert.deepEqual(spectrum(a, a.map(Math.abs), 2), { leading: -1e-6, growing: false, restored: true });
  const flat = Float64Array.of(-1, 1, 1, -1);
  assert.equal(spectrum(flat, flat.map(Math.abs), 2).restored, false);
});

/** y' = cos t · y with y = exp(sin t), and a fast component that follows it: stiff and driven. */
const DRIVEN = {
  n: 2,
  balance(t, y, f) {
    f[0] = Math.cos(t) * y[0];
    f[1] = -1e4 * (y[1] - y[0]) + Math.cos(t) * y[0];
  },
  slopes(t, y, f, J, d) {
    this.balance(t, y, f);
    J.set([Math.cos(t), 0, 1e4 + Math.cos(t), -1e4]);
    d.set([-Math.sin(t) * y[0], -Math.sin(t) * y[0]]);
  },
};

function errorOf(step) {
  const integrator = new Integrator(DRIVEN, 1);
  integrator.begin(Float64Array.of(1, 1), 1);
  integrator.restart(0, Float64Array.of(1, 1), 2);
  integrator.longest = step;
  integrator.h = step;
  const between = new Float64Array(2);
  let inside = 0;
  while (integrator.t < 2) {
    integrator.step(2);
    const middle = (integrator.before + integrator.t) / 2;
    integrator.between(middle, between);
    inside = Math.max(inside, Math.abs(between[0] - Math.exp(Math.sin(middle))));
  }
  return { end: Math.abs(integrator.y[0] - Math.exp(Math.sin(2))), inside };
}

test("the integrator is of order 5, and of order 4 within a step", () => {
  const [coarse, fine] = [errorOf(0.2), errorOf(0.1)];
  assert.ok(Math.log2(coarse.end / fine.end) > 4.5, `order ${Math.log2(coarse.end / fine.end)}`);
  assert.ok(Math.log2(coarse.inside / fine.inside) > 3.7, `order ${Math.log2(coarse.inside / fine.inside)}`);
});
