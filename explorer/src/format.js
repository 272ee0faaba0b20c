/** Numbers as people read and write them. */

import { language } from "./words.js";

const RAISED = Object.fromEntries([..."-0123456789"].map((c, n) => [c, "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[n]]));

/**
 * A number to so many digits: 0.0123, 12.3, 1.23 × 10⁻⁵.
 * @param {number|null|undefined} value
 * @param {number} [digits]
 */
export function number(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  let text;
  const size = Math.abs(value);
  if (size && (size < 1e-3 || size >= 1e6)) {
    const [mantissa, power] = value.toExponential(digits - 1).split("e");
    const raised = [...String(Number(power))].map((c) => RAISED[c]).join("");
    text = `${Number(mantissa)}\u00a0×\u00a010${raised}`;
  } else {
    text = String(Number(value.toPrecision(digits)));
  }
  text = text.replace("-", "−");
  return language() === "de" ? text.replace(".", ",") : text;
}

/** A number with its unit. @param {number|null|undefined} value @param {string} unit */
export function measured(value, unit, digits = 3) {
  const known = value !== null && value !== undefined && !Number.isNaN(value);
  return known && unit && unit !== "1" ? `${number(value, digits)}\u00a0${unit}` : number(value, digits);
}

/** A number as it is typed: 0.0007, 1e-7. @param {number} value */
export function typable(value) {
  const text = Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "";
  return language() === "de" ? text.replace(".", ",") : text;
}

/** What somebody typed, as a number; NaN if it is none. @param {string} text */
export function typed(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  return plain === "" ? NaN : Number(plain);
}

const STEPS = [[86400, "d"], [3600, "h"], [60, "min"]];

/**
 * A time; seconds as what people call so many of them, or another time that is told beside it.
 * @param {number} value @param {string} unit @param {number} [beside]
 */
export function duration(value, unit, beside = value) {
  if (unit === "s") {
    for (const [size, name] of STEPS) {
      if (Math.abs(beside) >= size) return measured(value / Number(size), String(name));
    }
  }
  return measured(value, unit);
}

/** A name with its unit. @param {string} name @param {string} unit */
export function titled(name, unit) {
  return unit && unit !== "1" ? `${name} [${unit}]`.trim() : name;
}
