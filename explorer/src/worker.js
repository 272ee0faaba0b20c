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

/** Courses that are followed in advance, unless one takes longer than this [ms]. */
const WARMING = 6;
const LONG = 100;

/** A worker and the questions that wait for it. */
class Desk {
  constructor(address, payload) {
    this.worker = new Worker(address);
    this.waiting = [];
    this.asked = null;
    this.number = 0;
    this.worker.onmessage = ({ data }) => this.answered(data);
    this.worker.onerror = (event) => this.answered({ number: this.number, error: event.message });
    this.send("load", payload, "").catch(() => {});
  }

  send(method, ask, slot) {
    return new Promise((resolve, reject) => {
      const stale = slot === "" ? -1 : this.waiting.findIndex((each) => each.slot === slot);
      if (stale >= 0) this.waiting.splice(stale, 1)[0].resolve(null);
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
}

/**
 * A page's side: methods of the engine that answer with promises. Courses wait for no search of a steady
 * state. Of questions that wait under the same slot only the last is asked; the others are answered with
 * null.
 */
export class Client {
  /**
   * @param {import("./types.js").Payload} payload
   * @param {string[]} scripts The texts of engine and program, which the workers run.
   */
  constructor(payload, scripts) {
    const text = [...scripts, "explorerEngine.serve(self, explorerProgram);"].join("\n");
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    this.courses = new Desk(address, payload);
    this.rests = new Desk(address, payload);
  }

  course(ask, slot = "") {
    return this.courses.send("course", ask, slot);
  }

  values(ask, slot = "") {
    return this.courses.send("values", ask, slot);
  }

  /** Follow a course some times for nothing: a browser compiles what it has seen in use. */
  async warm(ask) {
    for (let turn = 0; turn < WARMING; turn++) {
      const begin = performance.now();
      await this.course(ask);
      if (performance.now() - begin > LONG) return;
    }
  }

  rest(ask, slot = "") {
    return this.rests.send("rest", ask, slot);
  }

  scan(ask, slot = "") {
    return this.rests.send("scan", ask, slot);
  }
}
