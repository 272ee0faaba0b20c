/** Runs the model for the page: a whole course anew at every change, or one that goes on. */

/** Points of a whole course, most of a running one, and how often it is drawn [ms]. */
const POINTS = 500, MOST = 2400, DRAWN = 50;
/** Longest step of a running course [s on the clock]; a page that was hidden does not catch up. */
const LONGEST = 0.1;
/** When in a lesson's whole course the settings change, as a share of it. */
export const ONSET = 0.05;

/**
 * @typedef {object} Run What is drawn: values by id at times.
 * @property {number[]|Float64Array} t
 * @property {Record<string, number[]|Float64Array>} columns
 */

/**
 * @param {import("./store.js").Store} store
 * @param {import("./worker.js").Client} client
 */
export function makeLab(store, client) {
  const { payload, settings } = store;
  const ids = payload.quantities.map((quantity) => quantity.id);
  /** @type {((what: string) => void)[]} */
  const listeners = [];
  const tell = (/** @type {string} */ what) => listeners.forEach((listener) => listener(what));
  let failure = "";
  /** @type {Run} */
  let run = { t: [], columns: {} };
  /** @type {Run|null} */
  let ghost = null;
  let ghostEnd = 0;
  /** @type {Promise<any>|null} */
  let resting = null;

  /** Where a lesson starts: at rest, with the first values. Others start as their file says. */
  async function start() {
    if (!payload.lesson) return null;
    resting ??= client.rest({ p: {} }).then((found) => found.place, () => null);
    return resting;
  }

  async function whole() {
    const { end } = settings;
    const from = await start();
    const asked = { end, points: POINTS, from };
    const p = { ...settings.p };
    const steps = from && Object.keys(p).length ? [{ at: ONSET * end, set: p }] : [];
    const found = await client.course(from ? { ...asked, steps } : { ...asked, p }, "course");
    if (!found) return; // another one has been asked for since
    run = found;
    failure = found.cause;
    if (ghostEnd !== end) {
      ghost = await client.course({ ...asked, p: {} });
      ghostEnd = end;
    }
    show(run.t.length - 1);
    tell("run");
  }

  /** @param {number} index */
  function show(index) {
    if (index < 0 || index >= run.t.length) return;
    store.show(Object.fromEntries(ids.map((id) => [id, run.columns[id][index]])));
  }

  // A course that goes on: where it stands, and the values that hold there
  let [playing, last, drawn, asking] = [false, 0, 0, false];
  /** @type {any} */
  let place = null;
  /** @type {Record<string, number>} */
  let held = {};

  async function restart() {
    run = { t: [], columns: Object.fromEntries(ids.map((id) => [id, []])) };
    held = {};
    place = await start();
    place = place && { ...place, t: 0 };
    if (!place) held = { ...settings.p };
    await advance(0);
    tell("run");
  }

  /** What has been set since. */
  function changes() {
    const names = new Set([...Object.keys(held), ...Object.keys(settings.p)]);
    const set = [...names].filter((id) => held[id] !== settings.p[id]).map((id) => [id, store.value(id)]);
    held = { ...settings.p };
    return Object.fromEntries(set);
  }

  /** Go on for a while of the model's time. @param {number} span */
  async function advance(span) {
    const set = changes();
    const at = place?.t ?? 0;
    const steps = Object.keys(set).length ? [{ at, set }] : [];
    const end = at + (span || settings.end * 1e-9);
    const part = await client.course({ p: { ...held }, from: place, end, points: 2, steps });
    if (part.cause) throw new Error(part.cause);
    if (span || steps.length || !place) place = part.last;
    const kept = /** @type {any} */ (run);
    // A step has a point on both of its sides; the first point is the last of the part before
    for (let n = kept.t.length ? 1 : 0; n < part.t.length; n++) {
      kept.t.push(part.t[n]);
      for (const id of ids) kept.columns[id].push(part.columns[id][n]);
    }
    if (kept.t.length > MOST) {
      kept.t.splice(0, MOST / 4);
      for (const id of ids) kept.columns[id].splice(0, MOST / 4);
    }
    show(kept.t.length - 1);
  }

  /** @param {number} clock [ms] */
  async function frame(clock) {
    if (!playing) return;
    requestAnimationFrame(frame);
    const passed = Math.min((clock - last) / 1000, LONGEST);
    if (asking || passed <= 0) return;
    last = clock;
    asking = true;
    try {
      await advance(passed * lab.speed);
    } catch (error) {
      fail(error);
    }
    asking = false;
    if (clock - drawn > DRAWN) {
      drawn = clock;
      tell("run");
    }
  }

  /** @param {unknown} error */
  function fail(error) {
    failure = error instanceof Error ? error.message : String(error);
    playing = false;
    tell("run");
    tell("state");
  }

  async function refresh() {
    failure = "";
    try {
      if (settings.mode === "whole") await whole();
      else if (!playing && !asking) {
        await advance(0);
        tell("run");
      }
    } catch (error) {
      fail(error);
    }
  }

  const lab = {
    client,
    /** Model time that passes in a second. */
    speed: settings.end / 60,
    get run() { return run; },
    get ghost() { return settings.mode === "whole" && Object.keys(settings.p).length ? ghost : null; },
    get playing() { return playing; },
    get failure() { return failure; },
    show,
    refresh,
    restart: () => restart().catch(fail),
    /** @param {(what: string) => void} listener Of `run` and `state`. */
    on(listener) { listeners.push(listener); },
    async begin() {
      await (settings.mode === "live" ? restart().catch(fail) : refresh());
    },
    async play() {
      if (!run.t.length) await restart().catch(fail);
      [playing, last, failure] = [true, performance.now(), ""];
      requestAnimationFrame(frame);
      tell("state");
    },
    pause() {
      playing = false;
      tell("state");
    },
    /** Jump to the steady state with the present values. */
    async toRest() {
      try {
        await advance(0);
        const found = await client.rest({ from: place });
        if (!found.values) throw new Error(found.certificate.status);
        place = { ...found.place, t: place.t };
        await advance(0);
        tell("run");
      } catch (error) {
        fail(error);
      }
    },
    /** @param {"whole"|"live"} mode */
    async switchTo(mode) {
      lab.pause();
      store.change({ mode });
      await lab.begin();
      tell("state");
    },
  };
  store.on("p", refresh);
  return lab;
}

/** @typedef {ReturnType<typeof makeLab>} Lab */
