/** Which OCI runtime starts containers here, and why not the preferred one. The choice itself is engine/runtime's. */
import { EngineError } from "../../errors.ts";
import { runProcess } from "../../process/spawn.ts";
import { type Runtime, selectRuntime } from "../../runtime/index.ts";
import type { Ground } from "../../state/ground.ts";
import { type Check, error, ok, warning } from "../check.ts";
import { installCommand, samePackage } from "../remedy.ts";

export const runtime: Check = {
  name: "runtime",
  async run(ground) {
    const chosen = await chooseRuntime(ground);
    if (chosen instanceof EngineError) return error(chosen.message, installCommand(samePackage("runc")));
    const answer = await runProcess(chosen.path, ["--version"]);
    const version = versionIn(answer.stdout);
    if (answer.status !== 0 || !version) {
      return error(
        `${chosen.path} does not answer --version: ${(answer.stderr || answer.stdout).trim()}`,
        installCommand(samePackage(chosen.name)),
      );
    }
    const detail = `${chosen.name} ${version} (${chosen.path})`;
    if (chosen.why === "" || chosen.why === "asked for") return ok(chosen.why ? `${detail}, asked for` : detail);
    return warning(`${detail}, as ${chosen.why}, which starts containers three times as fast`, installCommand(samePackage("crun")));
  },
};

/** What containers get unless they ask for another, or why there is none. */
export async function chooseRuntime(ground: Ground): Promise<Runtime | EngineError> {
  try {
    return await selectRuntime(ground);
  } catch (cause) {
    if (cause instanceof EngineError) return cause;
    throw cause;
  }
}

/** "runc version 1.1.5+ds1", "crun version 1.8.1". */
export function versionIn(output: string): string | undefined {
  return /version:?\s+(\S+)/.exec(output)?.[1];
}
