/** WORKDIR as a step: a layer of its own unless it is the root directory, as BuildKit has it. */
import { configure } from "../../dockerfile/configure.ts";
import { joinWorkdir } from "../../dockerfile/instructions/workdir.ts";
import { record } from "../plan/index.ts";
import { step } from "./step.ts";

export default step({
  kind: "workdir",
  prepare(_scope, state, instruction) {
    const createdBy = configure(state, instruction) as string;
    const path = joinWorkdir("/", state.config.WorkingDir ?? "/");
    if (state.config.WorkingDir === "/") return void record(state, createdBy);
    const user = state.config.User ?? "";
    return {
      key: { kind: "workdir", path, user },
      createdBy,
      /** The directories that it has to make belong to the stage's user. */
      async run(workspace, report) {
        const { ensureDirectory } = await import("../workspace/rootfs-path.ts");
        const { resolveOwner } = await import("./owner.ts");
        ensureDirectory(workspace.rootfs, path, user === "" ? undefined : resolveOwner(workspace.rootfs, user, report));
      },
    };
  },
});
