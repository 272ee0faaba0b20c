/** Makes an answer such that JSON has it: NaN becomes null, and an infinity a word. */
export function plain(key, value) {
  if (value instanceof Float64Array) return Array.from(value, (each) => (Number.isFinite(each) ? each : null));
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
