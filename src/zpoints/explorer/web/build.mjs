// Makes bundle/ from src/ and pinned packages:  npm ci && npm run build.  Its result is committed; users need no node.

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const ORT = "node_modules/onnxruntime-web";
const PARTS = ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.mjs"];

rmSync("bundle", { recursive: true, force: true });
mkdirSync("bundle");
await build({
  entryPoints: ["src/main.js"],
  alias: { "onnxruntime-web": `./${ORT}/dist/ort.wasm.min.js` }, // the build for WebAssembly alone
  bundle: true,
  minify: true,
  format: "iife", // a module is no script that a page opened from disk may load
  target: ["chrome100", "firefox113", "safari16.4"],
  legalComments: "none",
  outfile: "bundle/explorer.js",
  logLevel: "warning",
});
for (const file of ["index.html", "explorer.css"]) copyFileSync(`src/${file}`, `bundle/${file}`);
for (const file of PARTS) writeFileSync(`bundle/${file}.gz`, gzipSync(readFileSync(`${ORT}/dist/${file}`), { level: 9 }));

const packages = ["onnxruntime-web", "gifenc"].map((name) => {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  const file = readdirSync(`node_modules/${name}`).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(`node_modules/${name}/${file}`, "utf8") : readFileSync(`licences/${name}.txt`, "utf8")}`;
});
writeFileSync("bundle/licences.txt", packages.join(`\n${"-".repeat(80)}\n\n`));

// As zpoints.explorer.page.sources_digest: a test compares the two.
const digest = createHash("sha256");
const paths = [...readdirSync("src").map((file) => `src/${file}`), "build.mjs", "package.json", "package-lock.json"];
const name = (path) => path.split("/").at(-1);
paths.sort((a, b) => (name(a) < name(b) ? -1 : 1));
for (const path of paths) digest.update(`${name(path)}\0`).update(readFileSync(path)).update("\0");
writeFileSync("bundle/sources.sha256", `${digest.digest("hex")}\n`);
