/** WORKDIR as a step: a layer of its own unless it is the root directory, as BuildKit has it. */
import type { InstructionOf } from "../../dockerfile/types.ts";
import type { PreparedStep } from "../solver.ts";
import { record, type StageState } from "../stage-state.ts";
import { joinWorkdir } from "./working-directory.ts";

/** Changes the state's directory; undefined when there is nothing to make. */
export function prepareWorkdir(state: StageState, instruction: InstructionOf<"workdir">): PreparedStep | undefined {
  const path = joinWorkdir(state.config.WorkingDir, instruction.path);
  state.config.WorkingDir = path;
  const createdBy = `WORKDIR ${path}`;
  if (path === "/") return void record(state, createdBy);
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
