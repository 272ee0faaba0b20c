/** The page: what stands in it, and its engine. @module */
import "./page.css";

const text = (id) => document.getElementById(id).textContent;
const payload = JSON.parse(text("model"));
const { Client, load } = globalThis.explorerEngine;

document.querySelector("h1").textContent = payload.title;
const client = new Client(payload, [text("engine"), text("program")]);
/** For scripts and tests. */
globalThis.explorer = { payload, client, engine: load(payload, globalThis.explorerProgram) };
