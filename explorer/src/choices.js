/** Choosing quantities. */

import { h, select } from "./dom.js";
import { w } from "./words.js";

/**
 * One quantity.
 * @param {import("./store.js").Store} store @param {string} words @param {import("./types.js").Quantity[]} quantities
 * @param {string} chosen @param {(id: string) => void} picked
 */
export function one(store, words, quantities, chosen, picked) {
  const optionOf = (/** @type {string} */ id) => /** @type {[string, string]} */ ([id, store.nameOf(id) === id ? id : `${id}: ${store.nameOf(id)}`]);
  const list = select(quantities.map(({ id }) => optionOf(id)), chosen, { onchange: () => picked(list.value) });
  return h("label", { class: "choice" }, `${words} `, list);
}

/**
 * Several quantities, of which each can be taken away; a box with suggestions adds one.
 * @param {import("./store.js").Store} store @param {() => string[]} get
 * @param {(ids: string[]) => void} set
 */
export function several(store, get, set) {
  const moving = store.payload.quantities.filter((quantity) => quantity.kind !== "constant");
  const chips = h("span", { class: "chips" });
  const listId = "quantities-to-add";
  const known = h("datalist", { id: listId },
    moving.map((quantity) => h("option", { value: quantity.id }, quantity.name)));
  const box = /** @type {HTMLInputElement} */ (h("input", {
    type: "text", list: listId, class: "add", placeholder: `+ ${w("quantity")}`, "aria-label": `+ ${w("quantity")}`,
    oninput: () => {
      const id = box.value.trim();
      if (!moving.some((quantity) => quantity.id === id)) return;
      box.value = "";
      if (!get().includes(id)) set([...get(), id]);
      shown();
    },
  }));
  function shown() {
    chips.replaceChildren(...get().map((id) => h("button", {
      type: "button", class: "chip", title: store.nameOf(id), "aria-label": `${w("close")}: ${store.nameOf(id)}`,
      onclick: () => { set(get().filter((other) => other !== id)); shown(); },
    }, id, h("span", { "aria-hidden": "true" }, " ×"))));
  }
  shown();
  store.on("view", shown);
  return h("div", { class: "several" }, chips, box, known);
}
