/** Runs a command line as the quick executable does, on Bun; then writes to standard error which of Node's larger modules and which addons it loaded. */
import { writeSync } from "node:fs";
import { basename } from "node:path";
import { openHouse } from "../../engine/house.ts";
import { runCli } from "../../src/cli.ts";

const [root = "", ...words] = process.argv.slice(2);
const loaded = new Set<string>();
const { getBuiltinModule, dlopen } = process;
process.getBuiltinModule = ((name: string) => {
  loaded.add(name.replace("node:", ""));
  return getBuiltinModule(name);
}) as typeof getBuiltinModule;
process.dlopen = (module, file, ...more) => {
  loaded.add(basename(String(file)));
  return dlopen(module, file, ...more);
};
const handOver = () => {
  throw new Error("handed over");
};
const status = await runCli(["--root", root, ...words], {
  self: [],
  openEngine: async (options) => openHouse({ ...options, handOver }),
  openRemote: handOver,
  openTui: handOver,
});
const large = ["koffi.node", "calls.node", "net", "stream", "util", "tty", "crypto", "child_process", "http", "zlib"];
writeSync(2, JSON.stringify({ status, loaded: large.filter((name) => loaded.has(name)) }));
process.exit();
