/**
 * An engine in memory for screen tests: the same interface, its lists plain arrays, its events pushed by hand. It runs
 * nothing; what containers do is tested with the real engine.
 */
import { EventEmitter, on, once } from "node:events";
import { EngineError } from "../../engine/errors.ts";
import type {
  ContainerInspect,
  ContainerSummary,
  Engine,
  ImageSummary,
  LogEntry,
  NetworkInspect,
  StatsSample,
  Streams,
  SystemEvent,
  VolumeInspect,
} from "../../engine/index.ts";

export interface FakeEngine {
  engine: Engine;
  containers: ContainerSummary[];
  images: ImageSummary[];
  volumes: VolumeInspect[];
  networks: NetworkInspect[];
  /** Lines of every container's log. */
  log: string[];
  /** Method calls that change something, in order: "stop web". */
  calls: string[];
  /** How many streams of measurements are open now. */
  measuring: number;
  /** Says that something happened, as another process would. */
  emit(type: SystemEvent["Type"], action: string, id?: string): void;
  /** Adds lines to the log of those who follow. */
  append(line: string): void;
}

let counter = 0;

/** An id of 64 hexadecimal digits, different each time. */
function id(): string {
  return (++counter).toString(16).padStart(12, "0").padEnd(64, "a");
}

export function container(name: string, change: Partial<ContainerSummary> = {}): ContainerSummary {
  const running = (change.State ?? "running") === "running";
  return {
    Id: id(),
    Names: [`/${name}`],
    Image: "busybox:latest",
    ImageID: `sha256:${"b".repeat(64)}`,
    Command: "sleep 1000",
    Created: Math.floor(Date.now() / 1000) - 7200,
    Ports: [],
    Labels: {},
    State: "running",
    Status: running ? "Up 2 hours" : "Exited (0) 5 minutes ago",
    NetworkSettings: { Networks: {} },
    Mounts: [],
    ...change,
  };
}

export function image(tag: string, size = 4_000_000): ImageSummary {
  return {
    Id: `sha256:${id()}`,
    ParentId: "",
    RepoTags: [tag],
    RepoDigests: [],
    Created: Math.floor(Date.now() / 1000) - 86_400,
    Size: size,
    SharedSize: 0,
    Labels: {},
    Containers: 0,
    Dangling: false,
  };
}

function inspect(row: ContainerSummary): ContainerInspect {
  const running = row.State === "running";
  return {
    Id: row.Id,
    Created: new Date(row.Created * 1000).toISOString(),
    Path: row.Command.split(" ")[0]!,
    Args: row.Command.split(" ").slice(1),
    State: {
      Status: row.State,
      Running: running,
      Paused: false,
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: running ? 4242 : 0,
      ExitCode: 0,
      Error: "",
      StartedAt: "2024-05-01T10:00:00.123Z",
      FinishedAt: "",
    },
    Image: row.ImageID,
    ResolvConfPath: "",
    HostnamePath: "",
    HostsPath: "",
    LogPath: "",
    Name: row.Names[0]!,
    RestartCount: 0,
    Driver: "overlay",
    Platform: "linux",
    ExecIDs: null,
    HostConfig: { RestartPolicy: { Name: "no", MaximumRetryCount: 0 } },
    GraphDriver: { Name: "overlay", Data: {} },
    Mounts: row.Mounts,
    Config: { Image: row.Image, Tty: true, OpenStdin: true, Env: ["PATH=/bin:/usr/bin", "COLOUR=blue"] },
    NetworkSettings: {
      SandboxID: "",
      SandboxKey: "",
      Ports: { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }] },
      Gateway: "",
      IPAddress: "",
      IPPrefixLen: 0,
      MacAddress: "",
      Networks: { bridge: { IPAddress: "10.88.0.2" } },
    },
  };
}

/** A method that nobody should need. */
const unexpected = new Proxy(
  {},
  { get: (_target, name) => () => Promise.reject(new EngineError("unsupported", `the fake engine has no "${String(name)}"`)) },
);

export function fakeEngine(): FakeEngine {
  const events = new EventEmitter();
  const fake: Omit<FakeEngine, "engine"> = {
    containers: [],
    images: [],
    volumes: [],
    networks: [],
    log: [],
    calls: [],
    measuring: 0,
    emit(type, action, actor = "") {
      events.emit("event", {
        seq: 0,
        Type: type,
        Action: action,
        Actor: { ID: actor, Attributes: {} },
        scope: "local",
        time: 0,
        timeNano: 0,
      } satisfies SystemEvent);
    },
    append(line) {
      fake.log.push(line);
      events.emit("line", line);
    },
  };
  return Object.assign(fake, { engine: engineOver(fake, events) });
}

function engineOver(fake: Omit<FakeEngine, "engine">, events: EventEmitter): Engine {
  const find = (ref: string): ContainerSummary => {
    const found = fake.containers.find((each) => each.Id.startsWith(ref) || each.Names.includes(`/${ref}`));
    if (!found) throw new EngineError("not-found", `no such container: "${ref}"`);
    return found;
  };
  const change = (ref: string, verb: string, patch: Partial<ContainerSummary>) => {
    const row = find(ref);
    fake.calls.push(`${verb} ${row.Names[0]!.slice(1)}`);
    fake.containers.splice(fake.containers.indexOf(row), 1, { ...row, ...patch });
    fake.emit("container", verb, row.Id);
  };
  const containers = {
    list: async () => [...fake.containers],
    inspect: async (ref: string) => inspect(find(ref)),
    start: async (ref: string) => change(ref, "start", { State: "running", Status: "Up Less than a second" }),
    stop: async (ref: string) => change(ref, "stop", { State: "exited", Status: "Exited (0) Less than a second ago" }),
    restart: async (ref: string) => change(ref, "restart", { State: "running", Status: "Up Less than a second" }),
    pause: async (ref: string) => change(ref, "pause", { State: "paused", Status: "Up 2 hours (Paused)" }),
    unpause: async (ref: string) => change(ref, "unpause", { State: "running", Status: "Up 2 hours" }),
    remove: async (ref: string) => {
      const row = find(ref);
      fake.calls.push(`remove ${row.Names[0]!.slice(1)}`);
      fake.containers.splice(fake.containers.indexOf(row), 1);
      fake.emit("container", "destroy", row.Id);
    },
    logs: (_ref: string, options: { follow?: boolean; signal?: AbortSignal; tail?: number }) => follow(fake, events, options),
    async *stats(_refs: string[], { signal }: { signal: AbortSignal }) {
      fake.measuring++;
      yield fake.containers.filter(({ State }) => State === "running").map((row) => usageOf(row));
      await once(signal, "abort");
      fake.measuring--;
    },
    attach: async (ref: string, streams: Streams) => echo(find(ref).Names[0]!, streams),
    exec: async (ref: string, _config: unknown, streams: Streams) => echo(find(ref).Names[0]!, streams),
  };
  return {
    containers: { ...containers },
    images: { ...(unexpected as object), list: async () => [...fake.images], history: async () => [] },
    volumes: { list: async () => [...fake.volumes] },
    networks: { list: async () => [...fake.networks] },
    builder: { list: async () => [] },
    system: { troubles: async () => [], info: async () => ({ DockerRootDir: "/fake/root" }) },
    async *events({ signal }: { signal?: AbortSignal } = {}) {
      for await (const [event] of on(events, "event", { signal })) yield event;
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  } as unknown as Engine;
}

function usageOf({ Id, Names }: ContainerSummary): StatsSample {
  return {
    ID: Id,
    Name: Names[0]!,
    read: new Date().toISOString(),
    cpu: { usage: 1, system: 2, online: 2, percent: 12.34 },
    memory: { usage: 4.25 * 1024 * 1024, limit: 1 << 30, percent: 0.4 },
    pids: { current: 1 },
    blkio: { read: 0, write: 0 },
    network: { rx: 0, tx: 0 },
  };
}

async function* follow(
  fake: Pick<FakeEngine, "log">,
  events: EventEmitter,
  options: { follow?: boolean; signal?: AbortSignal; tail?: number },
): AsyncGenerator<LogEntry[]> {
  const entry = (line: string): LogEntry => ({ stream: "stdout", time: "2024-05-01T10:00:00.123456789Z", data: Buffer.from(line) });
  const coming = options.follow ? on(events, "line", { signal: options.signal }) : undefined;
  for (const line of fake.log.slice(-(options.tail ?? fake.log.length))) yield [entry(line)];
  if (coming) for await (const [line] of coming) yield [entry(line)];
}

/** A terminal session with a program that repeats what is typed and tells its size; "exit" ends it, ctrl-p ctrl-q detaches. */
async function echo(name: string, streams: Streams): Promise<{ detached: boolean; exitCode?: number }> {
  const { terminal } = streams;
  if (!terminal) throw new EngineError("usage", "no terminal");
  terminal.setRaw(true);
  const size = () => terminal.output.write(`size ${terminal.columns}x${terminal.rows}\r\n`);
  terminal.output.write(`hello from ${name}\r\n`);
  size();
  using _resized = disposable(terminal.onResize(size));
  let line = "";
  for await (const chunk of terminal.input) {
    for (const character of String(chunk)) {
      if (line.endsWith("\x10") && character === "\x11") return { detached: true };
      line = character === "\r" ? "" : line + character;
      if (line === "exit") return { detached: false, exitCode: 0 };
      terminal.output.write(character === "\r" ? "\r\n" : character);
    }
  }
  return { detached: true };
}

function disposable(dispose: () => void): Disposable {
  return { [Symbol.dispose]: dispose };
}
