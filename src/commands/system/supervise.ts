/**
 * `berth internal supervise`: the process that looks after running containers with health checks, and after logs that fill up.
 * Not for people: it is started with the first such container and ends with the last.
 */
import type { House } from "../../../engine/house.ts";
import { type CommandSpec, command } from "../command.ts";

const spec: CommandSpec<void> = command({
  summary: "Run the health checks of running containers, and rotate their logs",
  examples: [{ line: "berth internal supervise", does: "Is started for a container that has a health check, or a log to rotate" }],
  flags: [],
  place: "here",
  args: [],
  async *run({ engine }) {
    const { supervise } = await import("../../../engine/container/supervise/supervise.ts");
    await supervise(engine as House);
  },
});

export default spec;
