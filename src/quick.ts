/**
 * The composition root of the shell's short commands, which an executable of Bun's runs: it has started in 4 ms, Node in
 * 20. What takes long anyway, works on layers, or holds a session is Node's: such a command goes on as src/main.ts.
 */
import { join } from "node:path";
import { openHouse } from "../engine/house.ts";
import { immediateExit } from "../engine/sys/bun.ts";
import { runCli } from "./cli.ts";
import { leave, leaveBy } from "./print.ts";
import { isQuick } from "./quick-commands.ts";
import { takeUmask } from "./umask.ts";

const argv = process.argv.slice(2);
const umask = takeUmask();
const ofLauncher = ["BUN_JSC_useJIT", "MIMALLOC_ALLOW_THP", "MIMALLOC_PURGE_DELAY"];
for (const name of ofLauncher) delete process.env[name]; // for this process alone
const launcher = join(process.execPath, "../../../bin/berth"); // this is dist/quick/berth

/** The launcher takes it from here: the same process, with Node in it. Nothing must have been done yet. */
function handOver(): never {
  process.umask(umask);
  return process.execve!(launcher, [launcher, ...argv], { ...process.env, BERTH_QUICK: "0" });
}

leaveBy((status) => immediateExit()(status));

void runCli(argv, {
  self: [launcher],
  openEngine: async (options) => openHouse({ ...options, umask, handOver, endsAtOnce: true }),
  openRemote: handOver,
  openTui: handOver,
  handOver,
  begin: async (command) => {
    if (!(await isQuick(command))) handOver();
  },
}).then(leave);
