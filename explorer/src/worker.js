/** Both ends of the worker in which a page's engine runs. @module */
import { load } from "./engine.js";

/**
 * Answer questions as they come: what a worker runs.
 *
 * @param {DedicatedWorkerGlobalScope} scope
 * @param {object} program
 */
export function serve(scope, program) {
  let engine = null;
  scope.onmessage = ({ data: { number, method, ask } }) => {
    try {
      if (method === "load") engine = load(ask, program);
      const value = method === "load" ? null : engine[method](ask);
      scope.postMessage({ number, value });
    } catch (error) {
      scope.postMessage({ number, error: error instanceof Error ? error.message : String(error) });
    }
  };
}

/** A page's side: methods of the engine that answer with promises. */
export class Client {
  /**
   * @param {import("./types.js").Payload} payload
   * @param {string[]} scripts - the texts of engine and program, which the worker runs.
   */
  constructor(payload, scripts) {
    const text = [...scripts, "explorerEngine.serve(self, explorerProgram);"].join("\n");
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    this.worker = new Worker(address);
    this.waiting = [];
    this.asked = null;
    this.number = 0;
    this.worker.onmessage = ({ data }) => this.answered(data);
    this.worker.onerror = (event) => this.answered({ number: this.number, error: event.message });
    this.loaded = this.send("load", payload);
  }

  /**
   * Ask the engine. Of questions that wait under the same slot only the last is asked; the others are
   * answered with null.
   *
   * @param {"course" | "rest" | "scan" | "values"} method
   * @param {object} ask
   * @param {string} slot
   * @returns {Promise<any>}
   */
  send(method, ask, slot = "") {
    return new Promise((resolve, reject) => {
      if (slot !== "") {
        const stale = this.waiting.findIndex((each) => each.slot === slot);
        if (stale >= 0) this.waiting.splice(stale, 1)[0].resolve(null);
      }
      this.waiting.push({ method, ask, slot, resolve, reject });
      this.next();
    });
  }

  next() {
    if (this.asked !== null || this.waiting.length === 0) return;
    this.asked = this.waiting.shift();
    this.number += 1;
    this.worker.postMessage({ number: this.number, method: this.asked.method, ask: this.asked.ask });
  }

  answered({ number, value, error }) {
    if (number !== this.number || this.asked === null) return;
    const { resolve, reject } = this.asked;
    this.asked = null;
    if (error === undefined) resolve(value);
    else reject(new Error(error));
    this.next();
  }

  course(ask, slot = "") {
    return this.send("course", ask, slot);
  }

  rest(ask, slot = "") {
    return this.send("rest", ask, slot);
  }

  scan(ask, slot = "") {
    return this.send("scan", ask, slot);
  }

  values(ask, slot = "") {
    return this.send("values", ask, slot);
  }
}
