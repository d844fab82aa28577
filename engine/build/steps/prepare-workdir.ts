/** WORKDIR as a step: a layer of its own unless it is the root directory, as BuildKit has it. */

import { joinWorkdir, writtenWorkdir } from "../../dockerfile/configure.ts";
import type { InstructionOf } from "../../dockerfile/types.ts";
import type { PreparedStep } from "../scope.ts";
import { record, type StageState } from "../stage-state.ts";

/** Changes the state's directory; undefined when there is nothing to make. */
export function prepareWorkdir(state: StageState, instruction: InstructionOf<"workdir">): PreparedStep | undefined {
  const written = writtenWorkdir(state.config.WorkingDir, instruction.path);
  state.config.WorkingDir = written;
  const createdBy = `WORKDIR ${written}`;
  if (written === "/") return void record(state, createdBy);
  const path = joinWorkdir("/", written);
  const user = state.config.User ?? "";
  return {
    key: { kind: "workdir", path, user },
    createdBy,
    async run(workspace, report) {
      const { makeWorkdir } = await import("./workdir.ts");
      makeWorkdir(workspace.rootfs, path, user, report);
    },
  };
}
