/** Processes that run a module of the tests from source, most of them to be killed. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

const keepCode = new URL("keep-code.mjs", import.meta.url).pathname;

/** Starts one. What Node made of the sources is there already, if the module says flushCompileCache() once all is loaded. */
export function startSource(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn(process.execPath, ["--import", keepCode, "--disable-warning=ExperimentalWarning", file, ...args], options);
}
