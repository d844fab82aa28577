/** conmon, which keeps a detached container's terminal, log and exit status. */
import { findProgram, runProcess } from "../../process/spawn.ts";
import { type Check, error, ok } from "../check.ts";
import { installCommand, samePackage } from "../remedy.ts";

export const conmon: Check = {
  name: "conmon",
  async run() {
    const program = findProgram("conmon");
    if (!program)
      return error("not found: only foreground 'run --rm' without a terminal would work", installCommand(samePackage("conmon")));
    const { status, stdout, stderr } = await runProcess(program, ["--version"]);
    const version = /version\s+(\S+)/.exec(stdout)?.[1];
    if (status !== 0 || !version)
      return error(`${program} does not answer --version: ${(stderr || stdout).trim()}`, installCommand(samePackage("conmon")));
    return ok(`${version} (${program})`);
  },
};
