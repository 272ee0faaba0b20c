/** Bundles the page's script and style into what Python ships. */

import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const out = new URL("../analyses/explorer/assets/", import.meta.url).pathname;
const licence = readFileSync(new URL("node_modules/uplot/LICENSE", import.meta.url), "utf8");

await build({
  entryPoints: { explorer: "src/main.js" },
  absWorkingDir: new URL(".", import.meta.url).pathname,
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  banner: { js: `/* Contains uPlot.\n${licence.trim()}\n*/` },
  legalComments: "none",
  logLevel: "warning",
});

// The page holds both inside HTML, which must not end there
const script = readFileSync(`${out}explorer.js`, "utf8").replaceAll("</script", "<\\/script");
writeFileSync(`${out}explorer.js`, script.replaceAll("<!--", "<\\!--"));
