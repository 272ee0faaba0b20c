/** What the page is set to. Views listen; nobody else keeps settings. */

import { language } from "./words.js";

/**
 * @typedef {object} Settings
 * @property {Record<string, number>} p Values that differ from the page's first, by id.
 * @property {string[]} shown Ids of the curves.
 * @property {number} end Duration of a whole course.
 * @property {"whole"|"live"} mode
 * @property {string} x Phase plane: across.
 * @property {string} y Phase plane: up.
 * @property {string} scanned
 * @property {string} scanOf
 */

/** @param {import("./types.js").Payload} payload @param {Settings} settings */
export function makeStore(payload, settings) {
  /** @type {Record<string, ((what: string) => void)[]>} */
  const listeners = {};
  const byId = new Map(payload.quantities.map((quantity) => [quantity.id, quantity]));

  /** @param {string} what */
  const tell = (what) => (listeners[what] ?? []).forEach((listener) => listener(what));

  return {
    payload,
    settings,
    byId,
    /** Values of the moment, by id, that numbers and pictures show. @type {Record<string, number>} */
    shown: {},
    /** The current value of what can be set. @param {string} id */
    value(id) {
      return settings.p[id] ?? byId.get(id)?.value ?? NaN;
    },
    /** @param {Record<string, number>} values NaN: the first value. */
    set(values) {
      for (const [id, value] of Object.entries(values)) {
        if (Number.isNaN(value) || value === byId.get(id)?.value) delete settings.p[id];
        else settings.p[id] = value;
      }
      tell("p");
    },
    reset() {
      settings.p = {};
      tell("p");
    },
    /** @param {Partial<Settings>} changed */
    change(changed) {
      Object.assign(settings, changed);
      tell("view");
    },
    /** @param {Record<string, number>} values */
    show(values) {
      this.shown = values;
      tell("shown");
    },
    /** @param {string} what `p`, `view` or `shown`. @param {(what: string) => void} listener */
    on(what, listener) {
      (listeners[what] ??= []).push(listener);
    },
    /** @param {string} id */
    nameOf(id) {
      return this.translated(id, byId.get(id)?.name || id);
    },
    /** A name in the page's language, where it is known. @param {string} id @param {string} name */
    translated(id, name) {
      return (language() === "de" && payload.lesson?.german[id]) || name;
    },
    /** @param {string} id */
    unitOf(id) {
      return byId.get(id)?.unit ?? "";
    },
  };
}

/** @typedef {ReturnType<typeof makeStore>} Store */
