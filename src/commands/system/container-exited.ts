/**
 * `berth internal container-exited ID`: what conmon starts when a container's process has ended (its --exit-command).
 * Not for people: records the end, frees the network, removes or restarts the container.
 */
import type { House } from "../../../engine/house.ts";
import { type CommandSpec, command } from "../command.ts";

const spec: CommandSpec<void> = command({
  summary: "Record that a container's process ended",
  examples: [{ line: "berth internal container-exited 0123456789ab", does: "Is started by the container's monitor" }],
  flags: [],
  place: "here",
  args: [{ name: "CONTAINER" }],
  async *run({ engine }, input) {
    const { containerExited } = await import("../../../engine/container/life/exited.ts");
    await containerExited(engine as House, input.args[0]!);
  },
});

export default spec;
