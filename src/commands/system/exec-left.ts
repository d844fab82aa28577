/**
 * `berth internal exec-left CONTAINER EXEC PID`: goes on when somebody has left an exec with the detach keys. Not for
 * people: waits for the end of its runtime, and records it.
 */
import type { House } from "../../../engine/house.ts";
import { type CommandSpec, command } from "../command.ts";

const spec: CommandSpec<void> = command({
  summary: "Record how an exec that was left ends",
  examples: [{ line: "berth internal exec-left 0123456789ab 456789 1234", does: "Is started by the exec that is left" }],
  flags: [],
  place: "here",
  args: [{ name: "CONTAINER" }, { name: "EXEC" }, { name: "PID" }],
  async *run({ engine }, { args: [container, exec, pid] }) {
    const { execLeft } = await import("../../../engine/container/session/exec-alone.ts");
    execLeft(engine as House, container!, exec!, Number(pid));
  },
});

export default spec;
