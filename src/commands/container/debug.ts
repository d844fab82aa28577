/**
 * `berth debug`: a shell with tools for a container that has none, beside it and in its namespaces. The container is not
 * changed; its root stands at /target. How the tools are come by is toolbox.ts's business.
 */
import { Readable } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import { encodeEntry, tarHeader, trailer } from "../../../engine/image/tar/index.ts";
import type { ContainerCreate, ContainerInspect, Mount, ProgressEvent, SessionEnd } from "../../../engine/index.ts";
import { isTerminal } from "../../print.ts";
import { type CommandSpec, type Context, command } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { attachOptions, detachKeys, sessionStatus, streamsFor } from "./session.ts";
import { chooseTools, type Tools } from "./toolbox.ts";

/** Where the root of the container is. */
const rootPath = "/target";
/** Where the mounts of a container are that has never run. */
const mountsPath = "/target-mounts";

const spec: CommandSpec<SessionEnd> = command({
  summary: "Open a shell with tools beside a container that may have none",
  description:
    `The shell is in a container of its own, made of IMAGE, that sees the processes and the network of CONTAINER. The root of CONTAINER is at ${rootPath}: ` +
    "what is written there is written to it. Of a container that does not run it is a copy that can be read, with its volumes as they are. " +
    "Without --image the tools are those of busybox: of the image of that name, else of the host's static busybox, else the image is pulled. " +
    "All of it goes with the shell.",
  examples: [
    { line: "berth debug web", does: `Look around in a container without a shell: its root is at ${rootPath}` },
    {
      line: "berth debug --image nicolaka/netshoot web tcpdump -i any",
      does: "Watch the network of a container with tools that it has not",
    },
    { line: `berth debug web cat ${rootPath}/etc/app.conf`, does: "Run one command" },
  ],
  flags: [
    { name: "image", type: "string", placeholder: "IMAGE", subject: "image", help: "Where the tools are from" },
    detachKeys,
    { name: "privileged", type: "boolean", help: "Give extended privileges to the tools" },
  ],
  args: [
    { name: "CONTAINER", subject: "container" },
    { name: "COMMAND", optional: true, subject: "none" },
    { name: "ARG", optional: true, variadic: true, subject: "none" },
  ],
  stopsAtArgs: true,
  async *run(context, input) {
    const [name = "", ...words] = input.args;
    const target = await context.engine.containers.inspect(name);
    const tools = yield* chooseTools(context, textOf(input, "image"));
    await using view = await viewOf(context, target);
    const { terminal, inherit } = context.io.streams;
    const tty = terminal !== undefined && (!inherit || isTerminal(0));
    if (words.length === 0) yield { type: "message", text: `${view.text} is at ${rootPath}` };
    const options = { ...attachOptions(context, input, true), stdin: true };
    const create = sessionOf(tools, words, { tty, target, view, privileged: input.flags["privileged"] === true });
    return yield* session(context, create, view, streamsFor(context, tty), options);
  },
  present: () => ({ kind: "none" }),
  exitStatus: (result) => sessionStatus(result),
  interactive: () => true,
});

/** How a container's root gets in sight. */
interface View extends AsyncDisposable {
  /** Words for what is in sight. */
  text: string;
  host: ContainerCreate["HostConfig"];
  /** What the link at /target leads to, where it is one. */
  link?: string;
}

async function viewOf(context: Context, target: ContainerInspect): Promise<View> {
  return target.State.Running ? liveView(target) : await stillView(context, target);
}

/** Through the first process of the container: with all its mounts, as it sees them itself. */
function liveView(target: ContainerInspect): View {
  const name = target.Name.slice(1);
  const pid = firstProcess(target);
  return {
    text: `the root of "${name}"`,
    // To go through another's /proc entry is to trace it.
    host: { PidMode: `container:${target.Id}`, NetworkMode: `container:${target.Id}`, CapAdd: ["SYS_PTRACE"] },
    link: `/proc/${pid}/root`,
    [Symbol.asyncDispose]: async () => {},
  };
}

function firstProcess({ Name, HostConfig, State }: ContainerInspect): number {
  const mode = HostConfig.PidMode ?? "";
  if (mode === "host") return State.Pid;
  if (mode.startsWith("container:"))
    throw new EngineError("unsupported", `cannot debug "${Name.slice(1)}": its processes are among those of another container`, {
      hint: `debug that one: it is "${mode.slice("container:".length, "container:".length + 12)}"`,
      exit: 1,
    });
  return 1;
}

/** As an image that is mounted: nothing of the container runs, and nothing may change it behind its back. */
async function stillView({ engine }: Context, target: ContainerInspect): Promise<View> {
  const { Id } = await engine.containers.commit(target.Id, { message: "for berth debug", pause: false });
  const image: Mount = { Type: "image", Source: Id, Target: rootPath };
  // Until it runs its mounts have no places, and an image that is mounted gets none.
  const above = target.State.StartedAt.startsWith("0001") ? mountsPath : rootPath;
  const kept = target.Mounts.filter(({ Type }) => Type === "volume" || Type === "bind");
  const mounts = kept.map(
    ({ Type, Name, Source, Destination, RW }): Mount => ({
      Type: Type as "volume" | "bind",
      Source: Name ?? Source,
      Target: `${above}${Destination}`,
      ReadOnly: !RW,
    }),
  );
  return {
    text: `a copy of the root of "${target.Name.slice(1)}", which does not run,`,
    host: { Mounts: [image, ...mounts] },
    [Symbol.asyncDispose]: async () => void (await engine.images.remove(Id, { force: true }).catch(() => {})), // a prune takes what is left
  };
}

interface SessionParts {
  tty: boolean;
  target: ContainerInspect;
  view: View;
  privileged: boolean;
}

function sessionOf(tools: Tools, words: readonly string[], { tty, target, view, privileged }: SessionParts): ContainerCreate {
  const command = words.length > 0 ? [...words] : ["sh", "-c", "command -v bash >/dev/null && exec bash || exec sh"];
  return {
    Image: tools.image,
    Entrypoint: [],
    Cmd: [...tools.before, ...command],
    User: "0",
    Tty: tty,
    OpenStdin: true,
    StdinOnce: true,
    Labels: { "berth.debug": target.Id },
    HostConfig: { ...view.host, Privileged: privileged, AutoRemove: true },
  };
}

/** Made, given its link, and run to its end; nothing is left of it unless the user has left it running. */
async function* session(
  { engine, signal }: Context,
  create: ContainerCreate,
  view: View,
  ...[streams, options]: [ReturnType<typeof streamsFor>, ReturnType<typeof attachOptions>]
): AsyncGenerator<ProgressEvent, SessionEnd> {
  const { Id } = yield* engine.containers.create(create, signal);
  let end: SessionEnd | undefined;
  try {
    if (view.link) await engine.containers.copyTo(Id, "/", linkTo(view.link));
    end = await engine.containers.start(Id, streams, options);
    return end ?? { detached: true };
  } finally {
    if (!end?.detached) await engine.containers.remove(Id, { force: true, volumes: true }).catch(() => {}); // gone by itself, as a rule
  }
}

function linkTo(path: string): Readable {
  return Readable.from([encodeEntry(tarHeader({ name: rootPath.slice(1), type: "symlink", linkName: path, mode: 0o777 })), trailer]);
}

export default spec;
