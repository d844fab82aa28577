// Bundles the program with rolldown: dist/main.cjs (shell, REPL; the TUI as a chunk of its own), dist/engine.cjs (the
// library), dist/types/ (its types, see declarations.mjs), dist/layer-worker.cjs (the thread that unpacks layers) and
// dist/quick/berth (see quick.mjs). CommonJS, as V8 keeps no code of ES modules for us: see src/code-cache.ts.
//
// A berth that is starting, or that runs for days and loads a chunk late, must never see half a bundle: everything is
// made in a directory beside, chunks (named by their content) move in first, then each entry by one rename, and the
// chunks of earlier bundles stay for a day.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeDeclarations } from "./declarations.mjs";
import { inkMemo } from "./ink-memo.mjs";
import { compileQuick, quickFile, quickFiles } from "./quick.mjs";
import { quickStart } from "./quick-start.mjs";
import { digestOfSources, home, stampFile } from "./sources.mjs";

const { version } = JSON.parse(readFileSync(`${home}/package.json`, "utf8"));
const dist = join(home, "dist");
const keepChunksFor = 24 * 60 * 60 * 1000; // ms

/**
 * yoga waits for its WebAssembly at the top level of a module, which CommonJS cannot, and its loader probes for a global
 * fetch, which costs 30 ms in Node. The binary is inline: it is instantiated at once instead.
 */
const yogaAtOnce = {
  name: "yoga-at-once",
  load: {
    filter: { id: /yoga-(wasm-base64-esm|layout\/dist\/src\/index)\.js$/ },
    handler(id) {
      const source = readFileSync(id, "utf8");
      const waiting = "wrapAssembly(await loadYoga())";
      const isLoader = id.endsWith("esm.js");
      if (!(isLoader ? inlineBinary.test(source) : source.includes(waiting))) throw new Error(`"${id}" is not what its patch was made for`);
      if (isLoader)
        return `var fetch;\n${source.replace(inlineBinary, "data:,")}\nexport const binary = "${inlineBinary.exec(source)[1]}";`;
      return `import { binary } from "../binaries/yoga-wasm-base64-esm.js";
const assembly = {
  instantiateWasm(imports, done) {
    done(new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(binary, "base64")), imports));
    return {};
  },
};
${source.replace(waiting, "(loadYoga(assembly), wrapAssembly(assembly))")}`;
    },
  },
};
const inlineBinary = /data:application\/octet-stream;base64,([\w+/=]+)/;

/** Ink imports the React devtools when asked to by an environment variable: never in a release. */
const withoutDevtools = {
  name: "without-devtools",
  resolveId: { filter: { id: /^react-devtools-core$/ }, handler: () => "\0devtools" },
  load: { filter: { id: /^\0devtools$/ }, handler: () => "export default { initialize() {}, connectToDevTools() {} }" },
};

/** What ps, run, exec and their like never enter: whole rooms, and the rarer verbs of the others. */
const cold = new RegExp(
  [
    "/(build|demo|doctor|dockerfile|host|http|layer|progress|registry|tar|template|volume)[/.]|/serve/(go-mode|versions)",
    "engine/image/(archive/|documents/changes|layers/commit|names/(prune|remove)|store/commit|view/history)",
    "engine/files/(?!room)|/commands/list-files",
    "/commands/image/(cp|diff|files|history|import|input|load|prune|save)",
    "/container/(supervise/|files/(?!size)|life/(prune|rename|update)|mounts/rootfs|record/health|view/(stats|top))",
    "/commands/container/(commit|copy|export|files|prune|rename|stats|top|update)",
    "engine/network/(names/dns|networks/)",
    "/commands/context/|/commands/system/dial-stdio",
    "/commands/network/(connect|create|disconnect|inspect|prune)",
    "/(complete|help)\\.",
  ].join("|"),
);

/** The language of sessions: what it needs of the rest is in the core. */
const session = /^\/?src\/repl\//;

/** The API that one command alone serves. */
const serve = /\/serve\/(?!(go-mode|versions)\.)|\/serve\.|\/http\/(exchange|server|unix-socket|websocket)\./;

/** The other end of it, for who asks for another host. */
const remote = /\/engine\/remote\/|^engine\/remote\/|\/http\/(dial|wire)\.|src\/open-remote\./;

/** A registry, which one command serves for days. */
const registryServer = /\/registry\/server\/|\/commands\/registry\/serve\.|\/http\/tls-files\./;

/** Signatures, and the policies that ask for them: nothing of it is loaded where there are none. */
const trust = /\/engine\/trust\/(?!guard\.)|^engine\/trust\/(?!guard\.)|\/commands\/trust\//;

/** Of that, what is needed when a client builds by a session. */
const buildkit = /\/serve\/buildkit\/|\/http\/(grpc|grpc-stream|local-socket)\./;

/** Attestations, for builds and commands that ask for them. */
const attest = /(^|\/)engine\/attest\/|\/build\/output\/(index-output|facts)\.|\/commands\/image\/(attest|attestations|provenance|sbom)\./;

/** What the terminal UI and the house share with those: they would load all of them for a few kilobytes. */
const shared = /\/repl\/(prompt\/history|language\/command-line)\.|\/progress[/.]|\/build\/cache\/cache-facts\./;

/** What only the start of a container needs. */
const start = new RegExp(
  [
    "(engine|commands)/network/(?!(room|index|attachment)\\.)",
    "/container/(life/(create|keep-runtime|names|start)|logs/log-(rotation|writer)|process/control|session/(run|run-direct|start-attached))\\.",
    "/commands/container/(flags/|(create|run|start)\\.)",
    "/runtime/(conmon|start-process)\\.",
    "/sys/(inet-socket|netlink|nft)",
  ].join("|"),
);

/** Path of a module of ours below the package, "" for a library's. */
const ours = (id) => (id.startsWith(home) && !id.includes("/node_modules/") ? id.slice(home.length) : "");

const entries = /\/(main|code-cache|first-frame|own-files|layer-worker)\.ts$|^\/?engine\/index\.ts$/;

/**
 * Every file of a bundle costs half a millisecond at start-up, and every kilobyte a little: so what every command needs
 * is one chunk (the core), and the rest a few. Left to itself, a bundler cuts one chunk for each combination of importers, and ps
 * loads forty.
 */
function chunkOf(id) {
  const path = ours(id);
  if (!/^\/?(src|engine)\//.test(path) || entries.test(path)) return undefined;
  if (buildkit.test(path)) return "buildkit";
  if (trust.test(path)) return "trust";
  if (registryServer.test(path)) return "registry";
  if (serve.test(path)) return "serve";
  if (remote.test(path)) return "remote";
  if (attest.test(path)) return "attest";
  if (/^\/?engine\/compose\/watch\/(?!index)/.test(path)) return undefined;
  if (/^\/?(engine|src\/commands)\/compose\//.test(path)) return path.endsWith("/whole-yaml.ts") ? undefined : "compose";
  if (session.test(path) && !shared.test(path)) return "session";
  if (cold.test(path) && !shared.test(path)) return "cold";
  return start.test(path) ? "start" : "hot";
}

/** What each module imports at its top, as the bundler finds it. */
const importsOf = new Map();
const graph = { name: "graph", moduleParsed: ({ id, importedIds }) => void importsOf.set(id, importedIds) };

/** What a command of Node's, and a session before its first line, cannot do without: these, and all that they import at their tops. */
const roots = [/^\/?src\/(cli|umask|repl\/.*|commands\/session\/repl)\.ts$/, /^\/?engine\/(house|sys\/exit)\.ts$/];
let core;

function isCore(id) {
  core ??= withImports([...importsOf.keys()].filter((each) => roots.some((root) => root.test(ours(each)))));
  const chunk = chunkOf(id);
  return chunk !== undefined && chunk !== "session" && core.has(id);
}

function withImports(ids) {
  const found = new Set(ids); // grows while it is walked
  for (const id of found) for (const imported of importsOf.get(id) ?? []) found.add(imported);
  return found;
}

/** What reads registries is loaded with the first look at one: it would load the engine's rarer rooms with the UI. */
const isView = (path) => /^\/?views\/(?!registry\/(browser|listing)\.)/.test(path);

/** In this order: a group takes along what its modules import, unless an earlier one has it. */
const groups = [
  { name: "terminal", test: /\/@xterm\// }, // a quarter of a megabyte for the first terminal pane
  { name: "core", test: isCore },
  ...["hot", "start", "session", "cold"].map((name) => ({ name, test: (id) => chunkOf(id) === name })),
  { name: "serve", test: (id) => chunkOf(id) === "serve" || id.includes("/node_modules/path-to-regexp/") },
  { name: "registry", test: (id) => chunkOf(id) === "registry" || id.includes("/node_modules/bcryptjs/") },
  { name: "trust", test: (id) => chunkOf(id) === "trust" || id.includes("/node_modules/@noble/") },
  { name: "attest", test: (id) => chunkOf(id) === "attest" || /\/node_modules\/(@cyclonedx|packageurl-js)\//.test(id) },
  { name: "remote", test: (id) => chunkOf(id) === "remote" },
  { name: "buildkit", test: (id) => chunkOf(id) === "buildkit" || id.includes("/node_modules/@bufbuild/") },
  { name: "yaml", test: (id) => id.includes("/node_modules/yaml/") || id.endsWith("/compose/source/whole-yaml.ts") },
  { name: "compose", test: (id) => chunkOf(id) === "compose" },
  { name: "watch", test: (id) => /\/(node_modules\/(chokidar|readdirp)|compose\/watch)\/(?!index\.ts)/.test(id) },
  { name: "views", test: (id) => id.includes("/node_modules/") || isView(ours(id)) },
];

/** The thread is a file of its own: the chunks of the rest, of which it needs a twentieth, would be read by each thread anew. */
async function compile(outdir) {
  await compileEntries(outdir, { main: "src/main.ts", engine: "engine/index.ts" }, [graph, inkMemo, yogaAtOnce, withoutDevtools], {
    groups,
  });
  await compileEntries(outdir, { "layer-worker": "engine/image/layer/layer-worker.ts" }, [], false);
}

async function compileEntries(outdir, input, plugins, codeSplitting) {
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({
    cwd: home,
    input,
    platform: "node",
    tsconfig: "tsconfig.json",
    // Bills of materials are written as JSON: the library's other forms want packages that are not here.
    external: ["koffi", /^@koromix\//, "xmlbuilder2"],
    transform: {
      target: "node24",
      jsx: { runtime: "automatic" },
      inject: { "Intl.Segmenter": [join(home, "src/format/graphemes.ts"), "Segmenter"] },
      define: { "process.env.NODE_ENV": '"production"', "process.env.DEV": '"false"', __BERTH_VERSION__: JSON.stringify(version) },
    },
    plugins: [...plugins, quickStart],
    checks: { ineffectiveDynamicImport: false },
  });
  await bundle.write({
    dir: outdir,
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "chunks/[name]-[hash].cjs",
    minify: true,
    comments: { legal: false },
    codeSplitting,
  });
  await bundle.close();
}

/** Moves a finished bundle into dist/, entries last: an entry never names a chunk that is not there yet. */
function publish(made) {
  const chunks = join(dist, "chunks");
  mkdirSync(chunks, { recursive: true });
  const fresh = new Set(readdirSync(join(made, "chunks")));
  for (const name of fresh) renameSync(join(made, "chunks", name), join(chunks, name));
  for (const name of ["layer-worker.cjs", "engine.cjs", "main.cjs"]) renameSync(join(made, name), join(dist, name));
  mkdirSync(join(dist, dirname(quickFile)), { recursive: true });
  for (const name of quickFiles)
    if (existsSync(join(made, name))) renameSync(join(made, name), join(dist, name));
    else rmSync(join(dist, name), { force: true });
  rmSync(join(dist, "types"), { recursive: true, force: true });
  renameSync(join(made, "types"), join(dist, "types"));
  for (const name of readdirSync(chunks)) {
    const file = join(chunks, name);
    if (!fresh.has(name) && Date.now() - statSync(file).mtimeMs > keepChunksFor) rmSync(file, { force: true });
  }
  writeFileSync(join(chunks, ".npmignore"), ["*", ...fresh].join("\n!")); // those that are kept are for who runs, not for a package
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
    compileQuick(made, version);
    makeDeclarations(join(made, "types"));
    publish(made);
    writeFileSync(join(made, basename(stampFile)), `${digest}\n`);
    renameSync(join(made, basename(stampFile)), stampFile);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
