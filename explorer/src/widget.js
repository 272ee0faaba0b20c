/** The page in a notebook: in a frame of its own, whose settings the notebook hears of. For anywidget. @module */

/** @param {{model: any, el: HTMLElement}} notebook */
function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts allow-downloads");
  frame.style.cssText = `width:100%;height:${model.get("height")}px;border:0`;
  frame.srcdoc = model.get("html");
  let known = JSON.stringify(model.get("values"));

  /** @param {MessageEvent} event */
  function heard({ source, data }) {
    if (source !== frame.contentWindow || typeof data?.explorer !== "string") return;
    known = JSON.stringify(data.values);
    model.set("shown", data.explorer);
    model.set("values", data.values);
    model.save_changes();
  }

  function tell() {
    const values = model.get("values");
    if (JSON.stringify(values) !== known) frame.contentWindow?.postMessage({ values }, "*");
  }

  addEventListener("message", heard);
  model.on("change:values", tell);
  el.append(frame);
  return () => {
    removeEventListener("message", heard);
    model.off("change:values", tell);
  };
}

export default { render };
