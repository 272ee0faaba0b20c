/** The address's hash carries the settings, so that a link opens the page as it is. */

/** @typedef {import("./store.js").Settings} Settings */

/**
 * @param {Settings} settings
 * @param {string} language
 * @param {string} model
 */
export function toHash(settings, language, model) {
  const parts = new URLSearchParams();
  for (const [id, value] of Object.entries(settings.p)) parts.append(`p.${id}`, String(value));
  parts.set("shown", settings.shown.join(" "));
  for (const name of /** @type {const} */ (["end", "mode", "x", "y", "scanned", "scanOf"])) {
    parts.set(name, String(settings[name]));
  }
  parts.set("lang", language);
  parts.set("model", model);
  return `#${parts}`;
}

/** In a notebook's frame a page has no address; its settings are kept in the frame's name, and told to the notebook. */
export const framed = location.protocol === "about:";

/** What the address says. */
export const remembered = () => (framed ? window.name : location.hash);

/** Have the address say it. @param {string} hash */
export function remember(hash) {
  if (framed) window.name = hash;
  else history.replaceState(null, "", hash);
}

/** Which of a page's models is meant. @param {string} hash */
export const modelOf = (hash) => new URLSearchParams(hash.replace(/^#/, "")).get("model");

/**
 * What a hash says, as far as this model knows of it; a link may be of another version.
 * @param {string} hash
 * @param {import("./types.js").Payload} payload
 * @returns {{settings: Partial<Settings>, language: string|null}}
 */
export function fromHash(hash, payload) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const byId = new Map(payload.quantities.map((quantity) => [quantity.id, quantity]));
  /** @type {Partial<Settings>} */
  const settings = {};
  /** @type {Record<string, number>} */
  const p = {};
  for (const [key, text] of parts) {
    const value = Number(text);
    if (key.startsWith("p.") && byId.get(key.slice(2))?.settable && Number.isFinite(value)) {
      p[key.slice(2)] = value;
    }
  }
  if (Object.keys(p).length) settings.p = p;
  const shown = (parts.get("shown") ?? "").split(" ").filter((id) => byId.has(id));
  if (shown.length) settings.shown = shown;
  const end = Number(parts.get("end"));
  if (end > 0 && Number.isFinite(end)) settings.end = end;
  const mode = parts.get("mode");
  if (mode === "live" || mode === "whole") settings.mode = mode;
  for (const name of /** @type {const} */ (["x", "y", "scanned", "scanOf"])) {
    const id = parts.get(name);
    if (id && byId.has(id)) settings[name] = id;
  }
  return { settings, language: parts.get("lang") };
}
