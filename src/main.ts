/**
 * The composition root: puts the engine and the faces together. The only importer of views, and that lazily. Everything
 * is loaded after the compile cache is on, so that V8 finds its code ready.
 */
import { enableCompileCache } from "node:module";

function cacheDirectory(): string | undefined {
  const { HOME, XDG_CACHE_HOME } = process.env;
  const cache = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
  return cache && `${cache}/berth/code`;
}

const directory = cacheDirectory();
if (directory) enableCompileCache(directory);

const { runCli } = await import("./cli.ts");

const status = await runCli(process.argv.slice(2), {
  openEngine: async (options) => (await import("../engine/house.ts")).openHouse(options),
  openTui: async (house) => (await import("../views/app.tsx")).runTui({ engine: house, root: house.paths.root }),
});
// Handles that outlive the command (a standard input nobody ends) must not keep the process.
process.exit(status);
