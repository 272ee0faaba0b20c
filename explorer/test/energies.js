/**
 * Prints what each transporter of a file {payload, program} gives and takes at rest: by reaction the
 * power that each substance gains, and the heat; and the two pushes on sodium.
 */
import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import { energies } from "../src/energy.js";
import { load } from "../src/engine.js";

const { payload, program } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { values } = load(payload, runInThisContext(program)).rest({ p: {} });
const { gained, powers } = energies(payload.lesson, values);
const { places, transporters } = payload.lesson.schematic;
const cell = places.find((place) => place.inside).id;
process.stdout.write(JSON.stringify({
  powers: Object.fromEntries(transporters.map((row) => [row.reaction, powers(row)])),
  sodium: gained("Na⁺", places[0].id, cell),
}));
