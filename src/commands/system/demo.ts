/** `berth demo`: an image built from scratch and three containers, so that a newcomer without a registry sees something alive. */
import { type ContainerCreate, type Engine, EngineError, type ProgressEvent } from "../../../engine/index.ts";
import { type CommandSpec, type Context, command } from "../command.ts";
import { isSet, numberOf } from "../flag-values.ts";
import { demoContext } from "./demo-context.ts";

export interface DemoContainer {
  Name: string;
  Id: string;
  /** What the demo did about it. */
  Action: "created" | "started" | "running";
}

export interface Demo {
  Image?: string;
  Containers: DemoContainer[];
  /** Where the web page is. */
  URL?: string;
  /** With --remove. */
  Removed: string[];
}

const image = "berth-demo";
const label = "berth.demo";

const web = "demo-web";
/** Everything but the web page's port is fixed. */
const specs: readonly (ContainerCreate & { Name: string })[] = [
  { Name: web, Image: image },
  { Name: "demo-ticker", Image: image, Cmd: ["tick"] },
  { Name: "demo-shell", Image: image, Cmd: ["sh"], Tty: true, OpenStdin: true, WorkingDir: "/" },
];
/** How many ports are tried upwards. */
const attempts = 100;

const spec: CommandSpec<Demo> = command({
  summary: "Build a small image from scratch and start three containers of it",
  description:
    "Needs no registry: the image holds the host's static busybox. demo-web serves a page on a free port, demo-ticker writes a line a second, demo-shell waits for you to attach. " +
    "Running it again brings back what was stopped or removed.",
  examples: [
    { line: "berth demo", does: "Build berth-demo and start demo-web, demo-ticker and demo-shell" },
    { line: "berth demo --remove", does: "Remove the three containers and the image" },
  ],
  flags: [
    { name: "port", short: "p", type: "number", placeholder: "PORT", default: 8080, help: "First host port to try for the web page" },
    { name: "remove", type: "boolean", help: "Remove what the demo made" },
  ],
  args: [],
  async *run(context, input) {
    if (isSet(input, "remove")) return { Containers: [], Removed: await remove(context.engine) };
    const Image = yield* buildImage(context);
    const Containers: DemoContainer[] = [];
    for (const each of specs) Containers.push(yield* bring(context, each, Image, numberOf(input, "port") ?? 8080));
    return { Image, Containers, URL: await pageAddress(context.engine), Removed: [] };
  },
  present: (demo) => ({ kind: "text", text: demo.URL === undefined ? describeRemoved(demo) : describe(demo) }),
});

async function* buildImage({ engine, signal }: Context): AsyncGenerator<ProgressEvent, string> {
  using context = demoContext();
  const { ImageID } = yield* engine.builder.build({ context: context.directory, tags: [image], signal });
  if (!ImageID) throw new EngineError("internal", "the demo's build made no image");
  return ImageID;
}

/** Leaves a running container of this image alone, starts a stopped one, replaces one of another image. */
async function* bring(
  context: Context,
  wanted: ContainerCreate & { Name: string },
  imageId: string,
  firstPort: number,
): AsyncGenerator<ProgressEvent, DemoContainer> {
  const { engine } = context;
  const Name = wanted.Name;
  const there = await find(engine, Name);
  if (there && there.imageId === imageId) {
    if (there.running) return { Name, Id: there.id, Action: "running" };
    if (await startOrGiveUp(engine, there.id)) return { Name, Id: there.id, Action: "started" };
  }
  if (there) await engine.containers.remove(there.id, { force: true });
  const Id = Name === web ? yield* createOnFreePort(context, wanted, firstPort) : yield* createAndStart(context, wanted);
  return { Name, Id, Action: "created" };
}

/** @throws EngineError `conflict` when a container of that name is not the demo's */
async function find(engine: Engine, name: string): Promise<{ id: string; imageId: string; running: boolean } | undefined> {
  const [found] = await engine.containers.list({ all: true, filters: { name: [`^/${name}$`] } });
  if (!found) return undefined;
  if (!(label in found.Labels)) {
    throw new EngineError("conflict", `cannot start the demo: a container "${name}" is there that is not the demo's`, {
      hint: `rename it with 'berth rename ${name} NEW'`,
    });
  }
  return { id: found.Id, imageId: found.ImageID, running: found.State === "running" };
}

/** False when its port has been taken meanwhile: it is made anew on another. */
async function startOrGiveUp(engine: Engine, id: string): Promise<boolean> {
  try {
    await engine.containers.start(id);
    return true;
  } catch (error) {
    if (error instanceof EngineError && error.code === "port-in-use") return false;
    throw error;
  }
}

async function* createOnFreePort(context: Context, wanted: ContainerCreate, first: number): AsyncGenerator<ProgressEvent, string> {
  for (let port = first; ; port++) {
    const PortBindings = { "80/tcp": [{ HostIp: "", HostPort: String(port) }] };
    try {
      return yield* createAndStart(context, { ...wanted, HostConfig: { PortBindings } });
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== "port-in-use" || port >= first + attempts) throw error;
    }
  }
}

/** A container that does not start is not left behind. */
async function* createAndStart({ engine, signal }: Context, wanted: ContainerCreate): AsyncGenerator<ProgressEvent, string> {
  const { Id } = yield* engine.containers.create({ ...wanted, Labels: { [label]: "" }, Pull: "never" }, signal);
  try {
    await engine.containers.start(Id);
    return Id;
  } catch (error) {
    await engine.containers.remove(Id, { force: true });
    throw error;
  }
}

async function pageAddress(engine: Engine): Promise<string> {
  const { NetworkSettings } = await engine.containers.inspect(web);
  const [binding] = NetworkSettings.Ports["80/tcp"] ?? [];
  return `http://127.0.0.1:${binding?.HostPort ?? ""}`;
}

async function remove(engine: Engine): Promise<string[]> {
  const removed: string[] = [];
  for (const { Name } of specs) {
    const there = await find(engine, Name);
    if (!there) continue;
    await engine.containers.remove(there.id, { force: true });
    removed.push(Name);
  }
  return (await removeImage(engine)) ? [...removed, image] : removed;
}

/** False when it is not there. */
async function removeImage(engine: Engine): Promise<boolean> {
  try {
    await engine.images.remove(image, { force: true });
    return true;
  } catch (error) {
    if (error instanceof EngineError && error.code === "not-found") return false;
    throw error;
  }
}

function describe({ Containers, URL }: Demo): string {
  const width = Math.max(...Containers.map(({ Name }) => Name.length));
  const rows = Containers.map(({ Name, Id, Action }) => `  ${Name.padEnd(width)}  ${Id.slice(0, 12)}  ${Action}`);
  const lines = [
    ...rows,
    "",
    `The web page is at ${URL}. Try next:`,
    "",
    "  berth                        the terminal UI",
    "  berth ps                     list the containers",
    "  berth logs -f demo-ticker    follow a log, Ctrl-C ends",
    "  berth attach demo-shell      a shell inside; Ctrl-P Ctrl-Q leaves it running",
    "  berth demo --remove          clean up",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function describeRemoved({ Removed }: Demo): string {
  return Removed.length === 0 ? "Nothing of the demo is there.\n" : Removed.map((name) => `Removed ${name}\n`).join("");
}

export default spec;
