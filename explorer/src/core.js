/** What the page's first script holds, and its worker too: the engine, under one name. @module */
export { load } from "./engine.js";
export { Client, serve } from "./worker.js";
