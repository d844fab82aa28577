// Bundles the program with esbuild: dist/main.mjs (shell, REPL; the TUI as a chunk of its own), dist/engine.mjs (the
// library) and dist/layer-worker.mjs (the thread that unpacks layers).
//
// A berth that is starting, or that runs for days and loads a chunk late, must never see half a bundle: everything is
// made in a directory beside, chunks (named by their content) move in first, then each entry by one rename, and the
// chunks of earlier bundles stay for a day.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { digestOfSources, home, stampFile } from "./sources.mjs";

const { version } = JSON.parse(readFileSync(`${home}/package.json`, "utf8"));
const dist = join(home, "dist");
const keepChunksFor = 24 * 60 * 60 * 1000; // ms

/** yoga's loader probes for a global fetch, which costs 30 ms in Node: its wasm is inline anyway. */
const yogaWithoutFetch = {
  name: "yoga-without-fetch",
  setup(bundle) {
    bundle.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, ({ path }) => ({
      contents: `var fetch;\n${readFileSync(path, "utf8")}`,
      loader: "js",
    }));
  },
};

/** Ink imports the React devtools when asked to by an environment variable: never in a release. */
const withoutDevtools = {
  name: "without-devtools",
  setup(bundle) {
    bundle.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: "devtools", namespace: "stub" }));
    bundle.onLoad({ filter: /.*/, namespace: "stub" }, () => ({ contents: "export default { initialize() {}, connectToDevTools() {} }" }));
  },
};

async function compile(outdir) {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: home,
    entryPoints: { main: "src/main.ts", engine: "engine/index.ts", "layer-worker": "engine/image/layer-worker.ts" },
    outdir,
    tsconfig: "tsconfig.json",
    outExtension: { ".js": ".mjs" },
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node24",
    jsx: "automatic",
    minify: true,
    keepNames: true,
    legalComments: "none",
    external: ["node-pty", "koffi", "@koromix/*"],
    define: { "process.env.NODE_ENV": '"production"', __BERTH_VERSION__: JSON.stringify(version) },
    plugins: [yogaWithoutFetch, withoutDevtools],
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    logLevel: "warning",
  });
}

/** Moves a finished bundle into dist/, entries last: an entry never names a chunk that is not there yet. */
function publish(made) {
  const chunks = join(dist, "chunks");
  mkdirSync(chunks, { recursive: true });
  const fresh = new Set(readdirSync(join(made, "chunks")));
  for (const name of fresh) renameSync(join(made, "chunks", name), join(chunks, name));
  for (const name of ["layer-worker.mjs", "engine.mjs", "main.mjs"]) renameSync(join(made, name), join(dist, name));
  for (const name of readdirSync(chunks)) {
    const file = join(chunks, name);
    if (!fresh.has(name) && Date.now() - statSync(file).mtimeMs > keepChunksFor) rmSync(file, { force: true });
  }
}

/** What a killed bundler left. */
function removeAbandoned() {
  for (const name of readdirSync(dist).filter((each) => each.startsWith(".new-"))) {
    const path = join(dist, name);
    if (Date.now() - statSync(path).mtimeMs > keepChunksFor) rmSync(path, { recursive: true, force: true });
  }
}

/** Makes the bundle in dist/ and notes which sources it was made from. */
export async function bundle() {
  const digest = digestOfSources(); // before compiling: an edit meanwhile makes the bundle stale, as it should
  mkdirSync(dist, { recursive: true });
  removeAbandoned();
  const made = mkdtempSync(join(dist, ".new-"));
  try {
    await compile(made);
    publish(made);
    writeFileSync(join(made, basename(stampFile)), `${digest}\n`);
    renameSync(join(made, basename(stampFile)), stampFile);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
