/** Containers of the fake engine: rows that tests have made, and those that were created through the engine, whose processes it plays. */
import { on, once } from "node:events";
import { PassThrough } from "node:stream";
import { signalNumber } from "../../../engine/container/plan/signals.ts";
import { checkFilters } from "../../../engine/container/view/list-filters.ts";
import { EngineError } from "../../../engine/errors.ts";
import type {
  AttachOptions,
  ContainerCreate,
  ContainerSummary,
  Containers,
  ExecConfig,
  Filters,
  ListOptions,
  LogEntry,
  LogsOptions,
  SessionEnd,
  Streams,
} from "../../../engine/index.ts";
import { hasLabel, matchesPattern } from "../../../engine/state/matching.ts";
import { absent } from "./absent.ts";
import { inspect, usageOf } from "./docker-shapes.ts";
import { findImage } from "./images.ts";
import { type FakeIo, type FakeProcess, runFake } from "./process.ts";
import { echo } from "./session.ts";
import { id, type World } from "./world.ts";

const isUp = ({ State }: ContainerSummary) => State === "running" || State === "paused";
const noFiles = "the fake engine has no files";

const nameOf = (row: ContainerSummary) => row.Names[0]!.slice(1);

function tell(world: World, row: ContainerSummary, action: string, extra: Record<string, string> = {}): void {
  world.emit("container", action, row.Id, { ...row.Labels, image: row.Image, name: nameOf(row), ...extra });
}

function refuseName(world: World, name: string): void {
  if (world.containers.some(({ Names }) => Names.includes(`/${name}`))) throw new EngineError("conflict", `the name "${name}" is taken`);
}

function create(world: World, spec: ContainerCreate): ContainerSummary {
  const image = findImage(world, spec.Image);
  const Id = id();
  const name = spec.Name ?? `box_${Id.slice(0, 12)}`;
  refuseName(world, name);
  const command = spec.Cmd ?? world.labels.get(image.Id)?.cmd ?? ["sh"];
  const { Binds, Mounts } = spec.HostConfig ?? {};
  const mounted = (Mounts ?? []).filter(({ Type }) => Type === "volume").map(({ Source = "", Target }) => [Source, Target]);
  const volumes = [...(Binds ?? []).map((bind) => bind.split(":")), ...mounted];
  const row: ContainerSummary = {
    Id,
    Names: [`/${name}`],
    Image: spec.Image,
    ImageID: image.Id,
    Command: command.join(" "),
    Created: Math.floor(Date.now() / 1000),
    Ports: [],
    Labels: spec.Labels ?? {},
    State: "created",
    Status: "Created",
    HostConfig: { NetworkMode: spec.HostConfig?.NetworkMode ?? "bridge" },
    NetworkSettings: { Networks: spec.NetworkingConfig?.EndpointsConfig ?? {} },
    Mounts: volumes.map(([Name = "", Destination = ""]) => ({
      Type: "volume",
      Name,
      Source: `/fake/${Name}`,
      Destination,
      Mode: "",
      RW: true,
      Propagation: "",
    })),
  };
  world.containers.push(row);
  Object.assign(world.life(row), { spec: { ...spec, Cmd: command } });
  tell(world, row, "create");
  return row;
}

/** Its process, when the engine plays one for it, begins, and its end is written into the row. */
function start(world: World, ref: string): void {
  const row = world.container(ref);
  if (isUp(row)) return;
  const life = world.life(row);
  life.stdin = new PassThrough();
  const write: FakeIo["write"] = (stream, text) => {
    for (const line of text.split("\n").slice(0, -1)) {
      life.log.push({ stream, line });
      world.signals.emit("line", row.Id, { stream, line });
    }
  };
  const io = { stdin: life.stdin, write, size: () => life.size, files: life.files };
  if (life.spec) life.process = runFake(life.spec.Cmd ?? [], io);
  const running = world.patch(row, { State: "running", Status: "Up Less than a second" });
  world.calls.push(`start ${nameOf(row)}`);
  tell(world, running, "start");
  world.signals.emit("start", row.Id);
  life.ended = life.process?.ended.then((status) => end(world, running, status));
}

function end(world: World, { Id }: ContainerSummary, status: number): number {
  const row = world.containers.find((each) => each.Id === Id);
  if (!row) return status;
  Object.assign(world.life(row), { exitCode: status, process: undefined });
  const ended = world.patch(row, { State: "exited", Status: `Exited (${status}) Less than a second ago` });
  world.signals.emit("end", Id);
  tell(world, ended, "die", { exitCode: String(status) });
  return status;
}

/** What a signal ends: a played process at once, a row of a test by its new words. */
async function finish(world: World, row: ContainerSummary, status: number): Promise<void> {
  const life = world.life(row);
  if (!life.process) return void end(world, row, life.spec ? status : 0);
  life.process.kill(status);
  await life.ended;
}

async function stop(world: World, ref: string): Promise<void> {
  const row = world.container(ref);
  if (!isUp(row)) return;
  world.calls.push(`stop ${nameOf(row)}`);
  await finish(world, row, 143);
  tell(world, row, "stop");
}

async function remove(world: World, ref: string, force = false): Promise<void> {
  const row = world.container(ref);
  const life = world.life(row);
  if (life.spec && isUp(row)) {
    if (!force) throw new EngineError("conflict", `cannot remove container "${nameOf(row)}": it is running`);
    await finish(world, row, 137);
  }
  world.calls.push(`remove ${nameOf(row)}`);
  world.containers.splice(
    world.containers.findIndex(({ Id }) => Id === row.Id),
    1,
  );
  world.signals.emit("removed", row.Id);
  tell(world, row, "destroy");
}

function pause(world: World, ref: string, verb: "pause" | "unpause"): void {
  const row = world.container(ref);
  const [from, to] = verb === "pause" ? (["running", "paused"] as const) : (["paused", "running"] as const);
  if (row.State !== from) throw new EngineError("conflict", `container "${nameOf(row)}" is not ${from}`);
  world.calls.push(`${verb} ${nameOf(row)}`);
  tell(world, world.patch(row, { State: to, Status: to === "paused" ? "Up 2 hours (Paused)" : "Up 2 hours" }), verb);
}

function filtered(rows: ContainerSummary[], filters: Filters): ContainerSummary[] {
  checkFilters(filters);
  const tests: Record<string, (row: ContainerSummary, value: string) => boolean> = {
    id: ({ Id }, value) => Id.startsWith(value),
    name: (row, value) => matchesPattern(value, nameOf(row)),
    label: ({ Labels }, value) => hasLabel(Labels, value),
    status: ({ State }, value) => State === value,
  };
  return rows.filter((row) =>
    Object.entries(filters).every(([key, values]) =>
      values[key === "label" ? "every" : "some"]((value) => tests[key]?.(row, value) ?? true),
    ),
  );
}

function list(world: World, { all, filters = {} }: ListOptions = {}): ContainerSummary[] {
  const found = filtered(world.containers, filters);
  // Rows that a test has put here are shown whatever is asked for: a screen shows them all.
  return found.filter((row) => all || filters["status"] !== undefined || isUp(row) || !world.life(row).spec);
}

/** Of a container. */
async function signalled(world: World, event: string, of: string, signal?: AbortSignal): Promise<void> {
  for await (const [Id] of on(world.signals, event, { signal })) if (Id === of) return;
}

async function wait(
  world: World,
  ref: string,
  condition: string | undefined,
  signal?: AbortSignal,
  onWaiting?: () => void,
): Promise<number> {
  const row = world.container(ref);
  const life = world.life(row);
  const removed = condition === "removed" ? signalled(world, "removed", row.Id, signal) : undefined;
  const started = condition === "next-exit" && !life.process ? signalled(world, "start", row.Id, signal) : undefined;
  onWaiting?.();
  try {
    if (started) await started;
    if (life.process) await Promise.race([life.ended, ...(signal ? [once(signal, "abort").then(() => signal.throwIfAborted())] : [])]);
    await removed;
  } catch (cause) {
    throw new EngineError("cancelled", "cancelled", { cause });
  }
  return life.exitCode;
}

async function* logs(world: World, ref: string, { follow, signal, tail }: LogsOptions = {}): AsyncGenerator<LogEntry[]> {
  const row = world.container(ref);
  const life = world.life(row);
  const time = "2024-05-01T10:00:00.123456789Z";
  const entry = ({ stream, line }: { stream: "stdout" | "stderr"; line: string }): LogEntry => ({ stream, time, data: Buffer.from(line) });
  const owner = life.spec ? row.Id : "";
  const lines = life.spec ? life.log : world.log.map((line) => ({ stream: "stdout" as const, line }));
  const over = new AbortController();
  const signals = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  const coming = follow ? on(world.signals, "line", { signal: signals }) : undefined;
  for (const line of tail === undefined ? [...lines] : lines.slice(lines.length - Math.min(tail, lines.length))) yield [entry(line)];
  if (!coming) return;
  void life.ended?.then(() => over.abort());
  try {
    for await (const [Id, line] of coming) if (Id === owner) yield [entry(line)];
  } catch (error) {
    if (!over.signal.aborted) throw error;
  }
}

/** Plain streams on a played process; its beginning is not lost when `begin` starts it. */
async function attach(
  world: World,
  row: ContainerSummary,
  streams: Streams,
  { past, onAttached, signal }: AttachOptions = {},
  begin: () => void | Promise<void> = () => {},
): Promise<SessionEnd> {
  const life = world.life(row);
  if (!life.spec) return echo(row.Names[0]!, streams);
  if (past) for (const { stream, line } of life.log) streams[stream].write(`${line}\n`);
  const show = (Id: string, { stream, line }: { stream: "stdout" | "stderr"; line: string }) => {
    if (Id === row.Id) streams[stream].write(`${line}\n`);
  };
  world.signals.on("line", show);
  try {
    onAttached?.();
    await begin();
    if (life.spec.OpenStdin) streams.stdin?.pipe(life.stdin);
    const left = signal && once(signal, "abort").then((): SessionEnd => ({ detached: true }));
    const ended = life.ended?.then((exitCode): SessionEnd => ({ detached: false, exitCode }));
    return (await Promise.race([left, ended].filter((each) => each !== undefined))) ?? { detached: false };
  } finally {
    world.signals.off("line", show);
  }
}

function startable(world: World, ref: string, streams: Streams | undefined): Promise<SessionEnd> | undefined {
  if (streams) return attach(world, world.container(ref), streams, {}, () => start(world, ref));
  start(world, ref);
  return undefined;
}

/** The container of an exec. @throws EngineError `not-found`, `not-running`, `conflict`, `invalid` */
export function execTarget(world: World, ref: string, { Cmd }: Pick<ExecConfig, "Cmd">): ContainerSummary {
  const row = world.container(ref);
  if (row.State === "paused") throw new EngineError("conflict", `container "${nameOf(row)}" is paused`);
  if (row.State !== "running") throw new EngineError("not-running", `container "${nameOf(row)}" is not running`);
  if (Cmd.length === 0) throw new EngineError("invalid", "no command");
  return row;
}

/** A further process of a container. */
export function execProcess(
  world: World,
  row: ContainerSummary,
  config: ExecConfig,
  streams: Streams | undefined,
  size: FakeIo["size"],
): FakeProcess {
  const stdin = new PassThrough();
  if (config.AttachStdin && streams?.stdin) streams.stdin.pipe(stdin);
  else stdin.end();
  const write: FakeIo["write"] = (stream, text) => void streams?.[config.Tty ? "stdout" : stream].write(text);
  return runFake(config.Cmd, { stdin, write, size, files: world.life(row).files });
}

async function exec(world: World, ref: string, config: ExecConfig, streams: Streams): Promise<SessionEnd> {
  const row = execTarget(world, ref, config);
  if (streams.terminal) return echo(row.Names[0]!, streams);
  return { detached: false, exitCode: await execProcess(world, row, config, streams, () => ({ columns: 80, rows: 24 })).ended };
}

async function* run(world: World, spec: ContainerCreate, streams: Streams): AsyncGenerator<never, { Id: string } & SessionEnd> {
  const row = create(world, spec);
  const ended = await attach(world, row, streams, {}, () => start(world, row.Id));
  if (spec.HostConfig?.AutoRemove) await remove(world, row.Id, true);
  return { Id: row.Id, ...ended };
}

/** @throws EngineError `not-found`, `not-running` */
function running(world: World, ref: string): ContainerSummary {
  const row = world.container(ref);
  if (!isUp(row)) throw new EngineError("not-running", `container "${nameOf(row)}" is not running`);
  return row;
}

function plug(world: World, ref: string, network: string, verb: "add" | "delete"): void {
  const row = world.container(ref);
  const found = world.networks.find(({ Id, Name }) => Id === network || Name === network);
  if (!found) throw new EngineError("not-found", `no such network: "${network}"`);
  world.life(row).networks[verb](found.Name);
}

async function* stats(world: World, refs: string[], signal: AbortSignal | undefined, stream: boolean) {
  world.measuring++;
  try {
    const rows = refs.length > 0 ? refs.map((ref) => world.container(ref)) : world.containers;
    yield rows.filter(({ State }) => State === "running").map((row) => usageOf(row));
    if (stream && signal) await once(signal, "abort");
  } finally {
    world.measuring--;
  }
}

export function fakeContainers(world: World): Containers {
  return {
    async *create(spec) {
      return { Id: create(world, spec).Id, Warnings: [] };
    },
    run: (spec, streams, _options: AttachOptions) => run(world, spec, streams),
    start: async (ref, streams) => startable(world, ref, streams),
    stop: (ref) => stop(world, ref),
    async restart(ref) {
      const row = world.container(ref);
      if (world.life(row).spec) {
        if (isUp(row)) await finish(world, row, 143);
        return start(world, ref);
      }
      world.calls.push(`restart ${nameOf(row)}`);
      tell(world, world.patch(row, { State: "running", Status: "Up Less than a second" }), "restart");
    },
    async kill(ref, signal = "KILL", { process } = {}) {
      const number = signalNumber(signal);
      const row = world.container(ref);
      if (!isUp(row)) throw new EngineError("not-running", `container "${nameOf(row)}" is not running`);
      if (process !== undefined) {
        world.calls.push(`kill ${nameOf(row)} ${process} ${signal}`);
        return;
      }
      tell(world, row, "kill", { signal: String(number) });
      await finish(world, row, 128 + number);
    },
    pause: async (ref) => pause(world, ref, "pause"),
    unpause: async (ref) => pause(world, ref, "unpause"),
    remove: (ref, options) => remove(world, ref, options?.force),
    async rename(ref, name) {
      const row = world.container(ref);
      refuseName(world, name);
      tell(world, world.patch(row, { Names: [`/${name}`] }), "rename");
    },
    connect: async (ref, network) => plug(world, ref, network, "add"),
    disconnect: async (ref, network) => plug(world, ref, network, "delete"),
    wait: (ref, condition, signal, onWaiting) => wait(world, ref, condition, signal, onWaiting),
    list: async (options) => list(world, options),
    inspect: async (ref) => inspect(world, world.container(ref)),
    logs: (ref, options) => logs(world, ref, options),
    async attach(ref, streams, options) {
      const row = world.container(ref);
      if (!isUp(row) && options?.ahead)
        return attach(world, row, streams, options, () => signalled(world, "start", row.Id, options.signal));
      return attach(world, running(world, ref), streams, options);
    },
    async resize(ref, size) {
      world.life(running(world, ref)).size = size;
    },
    exec: (ref, config, streams) => exec(world, ref, config, streams),
    async top(ref) {
      const row = running(world, ref);
      return { Titles: ["PID", "CMD"], Processes: [["4242", row.Command]] };
    },
    stats: (refs, options = {}) => stats(world, refs, options.signal, options.stream ?? false),
    async prune(filters = {}) {
      const gone = filtered(world.containers, filters).filter((row) => !isUp(row));
      for (const row of gone) await remove(world, row.Id);
      return { ContainersDeleted: gone.map(({ Id }) => Id), SpaceReclaimed: 0 };
    },
    ...absent(world, "containers", noFiles, ["update", "changes", "export", "commit", "statPath", "copyFrom", "copyTo"]),
  };
}
