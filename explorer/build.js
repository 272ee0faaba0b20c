/** Bundles the page's script and style into what Python ships, or into a folder that is named. */

import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const out = process.argv[2] ? `${process.argv[2]}/` : new URL("../analyses/explorer/assets/", import.meta.url).pathname;
const licence = readFileSync(new URL("node_modules/uplot/LICENSE", import.meta.url), "utf8");

const common = {
  absWorkingDir: new URL(".", import.meta.url).pathname,
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
};
// The engine is a script of its own, which the page and its worker run
await build({ ...common, entryPoints: { engine: "src/core.js" }, globalName: "explorerEngine" });
await build({
  ...common,
  entryPoints: { explorer: "src/page.js" },
  banner: { js: `/* Contains uPlot.\n${licence.trim()}\n*/` },
});

await build({ ...common, entryPoints: { widget: "src/widget.js" }, format: "esm" });

// The page holds them inside HTML, which must not end there
for (const name of ["engine.js", "explorer.js"]) {
  const script = readFileSync(`${out}${name}`, "utf8").replaceAll("</script", "<\\/script");
  writeFileSync(`${out}${name}`, script.replaceAll("<!--", "<\\!--"));
}
