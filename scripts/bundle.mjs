// Bundles the program with rolldown: dist/main.mjs (shell, REPL; the TUI as a chunk of its own), dist/engine.mjs (the
// library) and dist/layer-worker.mjs (the thread that unpacks layers).
//
// A berth that is starting, or that runs for days and loads a chunk late, must never see half a bundle: everything is
// made in a directory beside, chunks (named by their content) move in first, then each entry by one rename, and the
// chunks of earlier bundles stay for a day.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { directBuiltins } from "./builtins.mjs";
import { withoutFacades } from "./facades.mjs";
import { inkMemo } from "./ink-memo.mjs";
import { digestOfSources, home, stampFile } from "./sources.mjs";

const { version } = JSON.parse(readFileSync(`${home}/package.json`, "utf8"));
const dist = join(home, "dist");
const keepChunksFor = 24 * 60 * 60 * 1000; // ms

/** yoga's loader probes for a global fetch, which costs 30 ms in Node: its wasm is inline anyway. */
const yogaWithoutFetch = {
  name: "yoga-without-fetch",
  load: {
    filter: { id: /yoga-wasm-base64-esm\.js$/ },
    handler: (id) => `var fetch;\n${readFileSync(id, "utf8")}`,
  },
};

/** Ink imports the React devtools when asked to by an environment variable: never in a release. */
const withoutDevtools = {
  name: "without-devtools",
  resolveId: { filter: { id: /^react-devtools-core$/ }, handler: () => "\0devtools" },
  load: { filter: { id: /^\0devtools$/ }, handler: () => "export default { initialize() {}, connectToDevTools() {} }" },
};

/** What ps, run, exec and their like never enter: whole rooms, and the rarer verbs of the others. */
const cold = new RegExp(
  [
    "/(build|demo|doctor|dockerfile|host|http|layer|progress|registry|repl|tar|template|volume)[/.]",
    "/image/(archive|changes|commit|history|import|input|load|prune|remove|save)",
    "/container/(changes|commit|copy|export|prune|rename|rootfs|stats|top|update|supervise|health)",
    "/network/(connect|create|disconnect|dns|inspect|prune|remove)",
    "/(complete|help)\\.",
  ].join("|"),
);

/** What the terminal UI shares with those: it would load all of them for a few kilobytes. */
const shared = /\/repl\/(history|command-line)\.|\/progress[/.]/;

/** What only the start of a container needs. */
const start = new RegExp(
  [
    "/network/(?!(room|index|attachment)\\.)",
    "/container/(control|create|log-rotation|log-writer|names|run|run-direct|start)\\.",
    "/commands/container/flags/",
    "/runtime/(conmon|start-process)\\.",
    "/sys/(inet-socket|netlink|nft)",
  ].join("|"),
);

/** Path of a module of ours below the package, "" for a library's. */
const ours = (id) => (id.startsWith(home) && !id.includes("/node_modules/") ? id.slice(home.length) : "");

const entries = /\/(main|layer-worker)\.ts$|^\/?engine\/index\.ts$/;

/**
 * Every file of a bundle costs half a millisecond at start-up, and every kilobyte a little: so what every command needs
 * is one chunk, and the rest a few. Left to itself, a bundler cuts one chunk for each combination of importers, and ps
 * loads forty.
 */
function chunkOf(id) {
  const path = ours(id);
  if (!/^\/?(src|engine)\//.test(path) || entries.test(path)) return undefined;
  if (cold.test(path) && !shared.test(path)) return "cold";
  return start.test(path) ? "start" : "hot";
}

/** In this order: a group takes along what its modules import, unless an earlier one has it. */
const groups = [
  { name: "terminal", test: /\/@xterm\// }, // a quarter of a megabyte for the first terminal pane
  ...["hot", "start", "cold"].map((name) => ({ name, test: (id) => chunkOf(id) === name })),
  { name: "views", test: (id) => id.includes("/node_modules/") || /^\/?views\//.test(ours(id)) },
];

async function compile(outdir) {
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({
    cwd: home,
    input: { main: "src/main.ts", engine: "engine/index.ts", "layer-worker": "engine/image/layer-worker.ts" },
    platform: "node",
    tsconfig: "tsconfig.json",
    external: ["node-pty", "koffi", /^@koromix\//],
    transform: {
      target: "node24",
      jsx: { runtime: "automatic" },
      inject: { "Intl.Segmenter": [join(home, "views/graphemes.ts"), "Segmenter"] },
      define: { "process.env.NODE_ENV": '"production"', "process.env.DEV": '"false"', __BERTH_VERSION__: JSON.stringify(version) },
    },
    plugins: [inkMemo, yogaWithoutFetch, withoutDevtools, withoutFacades, directBuiltins],
    checks: { ineffectiveDynamicImport: false },
  });
  await bundle.write({
    dir: outdir,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "chunks/[name]-[hash].mjs",
    minify: true,
    comments: { legal: false },
    codeSplitting: { groups },
  });
  await bundle.close();
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
