// Bundles the program with esbuild: dist/main.mjs (shell, REPL; the TUI as a chunk of its own), dist/engine.mjs (the
// library) and dist/layer-worker.mjs (the thread that unpacks layers).
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const home = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(`${home}/package.json`, "utf8"));

/** yoga's loader probes for a global fetch, which costs 30 ms in Node: its wasm is inline anyway. */
const yogaWithoutFetch = {
  name: "yoga-without-fetch",
  setup(bundle) {
    bundle.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, ({ path }) => ({ contents: `var fetch;\n${readFileSync(path, "utf8")}`, loader: "js" }));
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

export async function bundle() {
  rmSync(`${home}/dist`, { recursive: true, force: true });
  await build({
    absWorkingDir: home,
    entryPoints: { main: "src/main.ts", engine: "engine/index.ts", "layer-worker": "engine/image/layer-worker.ts" },
    outdir: "dist",
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

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
