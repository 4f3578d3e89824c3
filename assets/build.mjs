// Builds assets/dist, the one folder the browser's files are served from:
//   app.css   Tailwind and daisyUI, only the classes that the templates use
//   *.js      our own scripts, as they are; the snippet for other people's sites made small
//   img/      our own pictures, as they are
//   vendor/   htmx and uPlot, as published
// Everything is built into a new folder that then takes the place of the old one,
// so a failed build leaves the last good one in place.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const fresh = join(here, `dist.${process.pid}`);
const modules = join(here, "node_modules");
const vendor = ["htmx.org/dist/htmx.min.js", "uplot/dist/uPlot.iife.min.js", "uplot/dist/uPlot.min.css"];

function buildCss(output, ...options) {
  const cli = join(modules, "@tailwindcss", "cli", "dist", "index.mjs");
  const args = [cli, "--input", join("css", "app.css"), "--output", output, ...options];
  const { status, error } = spawnSync(process.execPath, args, { cwd: here, stdio: "inherit" });
  if (status !== 0) throw error ?? new Error(`Tailwind ended with status ${status}`);
}

function copyFiles(into) {
  const scripts = join(here, "js");
  for (const name of existsSync(scripts) ? readdirSync(scripts) : []) {
    if (name.endsWith(".js")) cpSync(join(scripts, name), join(into, name));
  }
  const pictures = join(here, "img");
  if (existsSync(pictures)) cpSync(pictures, join(into, "img"), { recursive: true });
  for (const path of vendor) {
    cpSync(join(modules, path), join(into, "vendor", path.split("/").at(-1)));
  }
}

async function shrinkSnippet(path) {
  const options = { ecma: 2020, compress: { passes: 2 } };
  const { code } = await minify(readFileSync(path, "utf8"), options);
  writeFileSync(path, code);
}

try {
  mkdirSync(join(fresh, "vendor"), { recursive: true });
  buildCss(join(fresh, "app.css"), "--minify");
  copyFiles(fresh);
  await shrinkSnippet(join(fresh, "fl.js"));
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

// For whoever works on the look: `npm run watch` keeps app.css up to date.
if (process.argv.includes("--watch")) buildCss(join(dist, "app.css"), "--watch");
