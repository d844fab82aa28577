/** `berth run`: create and start a container, and stay with it unless detached. */

import { EngineError } from "../../../engine/errors.ts";
import type { ContainerCreate, ProgressEvent, SessionEnd } from "../../../engine/index.ts";
import { type CommandSpec, type Context, command, type Input } from "../command.ts";
import { isSet, listOf } from "../flag-values.ts";
import { containerFlags, toContainerCreate, verifyContainer } from "./flags/index.ts";
import { nameServerWarnings } from "./flags/network.ts";
import { attachOptions, detachKeys, requireTerminal, sessionStatus, sigProxy, streamsFor } from "./session.ts";

type Result = { Id: string } & Partial<SessionEnd>;

const spec: CommandSpec<Result> = command({
  summary: "Create and run a new container from an image",
  description:
    "Exits with the process's status; 125 when berth itself failed, 126 when the command cannot be run, 127 when it was not found.",
  examples: [
    { line: "berth run -it --rm debian bash", does: "Open a shell in a container that goes away with it" },
    { line: "berth run -d --name web -p 8080:80 nginx", does: "Serve in the background, port 80 as 8080 on the host" },
    { line: `berth run --rm -v "$PWD":/src -w /src node:22 npm test`, does: "Run a tool on the files of this directory" },
  ],
  flags: [
    { name: "detach", short: "d", type: "boolean", help: "Run in the background and print the container's id" },
    ...containerFlags,
    detachKeys,
    sigProxy,
  ],
  args: [
    { name: "IMAGE", subject: "image" },
    { name: "COMMAND", optional: true, subject: "none" },
    { name: "ARG", optional: true, variadic: true, subject: "file" },
  ],
  stopsAtArgs: true,
  verify: verifyContainer,
  async *run(context, input) {
    const create = toContainerCreate(input, context.io);
    yield* nameServerWarnings(create.HostConfig ?? {});
    return isSet(input, "detach") ? yield* runDetached(context, input, create) : yield* runAttached(context, input, create);
  },
  present: (result, input) => (isSet(input, "detach") ? { kind: "lines", lines: [result.Id] } : { kind: "none" }),
  presentRow: (id: string) => ({ kind: "lines", lines: [id] }),
  exitStatus: (result) => sessionStatus(result),
  interactive: (input) => isSet(input, "tty") && !isSet(input, "detach"),
});

async function* runDetached({ engine, signal }: Context, input: Input, create: ContainerCreate): AsyncGenerator<ProgressEvent, Result> {
  if (listOf(input, "attach").length > 0)
    throw new EngineError("usage", "conflicting options: cannot specify both --attach and --detach", { exit: 1 });
  try {
    const { Id, Warnings } = yield* engine.containers.create(create, signal);
    for (const text of Warnings) yield { type: "warning", text };
    yield* startCreated(engine, Id, create);
    return { Id };
  } catch (error) {
    // As the engine's own run has it: what keeps the process from starting is 125, unless the command itself is to blame.
    throw error instanceof EngineError && error.exit < 125 ? error.withExit(125) : error;
  }
}

async function* startCreated(engine: Context["engine"], Id: string, { HostConfig }: ContainerCreate): AsyncGenerator<ProgressEvent, void> {
  try {
    await engine.containers.start(Id);
  } catch (error) {
    if (HostConfig?.AutoRemove) await engine.containers.remove(Id, { force: true, volumes: true }).catch(() => {}); // the start's failure is what matters
    yield { type: "row", value: Id }; // docker names the container that failed to start, for the script that looks into it
    throw error;
  }
}

async function* runAttached(context: Context, input: Input, create: ContainerCreate): AsyncGenerator<ProgressEvent, Result> {
  const tty = create.Tty ?? false;
  if (tty && create.OpenStdin) requireTerminal(context);
  const options = attachOptions(context, input, create.OpenStdin ?? false);
  create.AttachStdin = options.stdin;
  create.AttachStdout = options.stdout;
  create.AttachStderr = options.stderr;
  return yield* context.engine.containers.run(create, streamsFor(context, tty), options);
}

export default spec;
