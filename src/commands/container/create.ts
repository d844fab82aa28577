/** `berth create`: make a container without starting it. */
import { type CommandSpec, command } from "../command.ts";
import { isSet, listOf } from "../flag-values.ts";
import { containerFlags, toContainerCreate, verifyContainer } from "./flags/index.ts";
import { nameServerWarnings } from "./flags/network.ts";
import { refusedWith } from "./refused.ts";

const spec: CommandSpec<{ Id: string }> = command({
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
  verify: verifyContainer,
  async *run({ engine, io, signal }, input) {
    const body = toContainerCreate(input, io);
    const streams = listOf(input, "attach").map((word) => word.toLowerCase());
    const isAttached = (stream: string) => streams.length === 0 || streams.includes(stream);
    yield* nameServerWarnings(body.HostConfig ?? {});
    body.AttachStdin = isSet(input, "interactive") && isAttached("stdin");
    body.AttachStdout = isAttached("stdout");
    body.AttachStderr = isAttached("stderr");
    const { Id, Warnings } = yield* refusedWith(1, engine.containers.create(body, signal));
    for (const text of Warnings) yield { type: "warning", text };
    return { Id };
  },
  present: ({ Id }) => ({ kind: "lines", lines: [Id] }),
});

export default spec;
