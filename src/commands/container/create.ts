/** `berth create`: make a container without starting it. */
import { type CommandSpec, command } from "../command.ts";
import { containerFlags, toContainerCreate } from "./flags/index.ts";

const spec: CommandSpec<{ Id: string }> = command({
  name: "container create",
  aliases: ["create"],
  group: "container",
  summary: "Create a new container without starting it",
  description: "Takes the flags of 'berth run', and prints the container's id.",
  examples: [{ line: "berth create --name job busybox sh -c 'date; sleep 5'", does: "Prepare a container for 'berth start -a job'" }],
  flags: containerFlags,
  args: [
    { name: "IMAGE", subject: "image" },
    { name: "COMMAND", optional: true, subject: "none" },
    { name: "ARG", optional: true, variadic: true, subject: "file" },
  ],
  stopsAtArgs: true,
  async *run({ engine, io, signal }, input) {
    const { Id, Warnings } = yield* engine.containers.create(toContainerCreate(input, io), signal);
    for (const text of Warnings) yield { type: "warning", text };
    return { Id };
  },
  present: ({ Id }) => ({ kind: "lines", lines: [Id] }),
});

export default spec;
