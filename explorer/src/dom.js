/** Elements made without any text being read as HTML. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {Element} element
 * @param {Record<string, any>} attributes `on…` are listeners; null, undefined and false are left out.
 * @param {any[]} children
 */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** @param {string} tag @param {Record<string, any>} [attributes] @param {...any} children */
export function h(tag, attributes = {}, ...children) {
  return /** @type {HTMLElement} */ (filled(document.createElement(tag), attributes, children));
}

/** @param {string} tag @param {Record<string, any>} [attributes] @param {...any} children */
export function s(tag, attributes = {}, ...children) {
  return /** @type {SVGElement} */ (
    filled(document.createElementNS(SVG, tag), attributes, children)
  );
}

/** A list to choose from. @param {[string, string][]} options @param {string} chosen */
export function select(options, chosen, /** @type {Record<string, any>} */ attributes = {}) {
  const made = options.map(([value, words]) =>
    h("option", { value, selected: value === chosen }, words));
  return /** @type {HTMLSelectElement} */ (h("select", attributes, made));
}

/** Say something to those who listen rather than look. @param {string} words */
export function announce(words) {
  const live = document.getElementById("live");
  if (live) live.textContent = words;
}
