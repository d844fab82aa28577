/**
 * `berth internal exec-exited CONTAINER EXEC DIRECTORY`: what conmon starts when a process that exec started in the
 * background has ended. Not for people: records the end.
 */
import type { House } from "../../../engine/house.ts";
import { type CommandSpec, command } from "../command.ts";

const spec: CommandSpec<void> = command({
  summary: "Record that a process in the background ended",
  examples: [{ line: "berth internal exec-exited 0123456789ab 456789 /run/exec", does: "Is started by the process's monitor" }],
  flags: [],
  place: "here",
  args: [{ name: "CONTAINER" }, { name: "EXEC" }, { name: "DIRECTORY" }],
  async *run({ engine }, { args: [container, exec, directory] }) {
    const { execExited } = await import("../../../engine/container/session/exec-alone.ts");
    execExited(engine as House, container!, exec!, directory!);
  },
});

export default spec;
