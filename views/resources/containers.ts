/** The containers tab. */
import type { ContainerInspect, ContainerSummary, Engine, PortSummary } from "../../engine/index.ts";
import { ago, humanDuration, shortDuration } from "../../src/format/duration.ts";
import { hostOf } from "../hosts/hosts.ts";
import type { Tone } from "../theme.ts";
import { cpuText, memoryText, recentCpu, type Usage } from "../usage.ts";
import { type DetailSection, filesTab, inspectTab, type ResourceView, shortId } from "./resource.ts";

/** The name without docker's leading slash. */
export function containerName(container: ContainerSummary): string {
  return container.Names[0]?.replace(/^\//, "") || shortId(container.Id);
}

export const isRunning = (container: ContainerSummary): boolean => container.State === "running" || container.State === "paused";

const exitCode = (container: ContainerSummary): number => Number(/\((\d+)\)/.exec(container.Status)?.[1] ?? 0);

export function toneOf(container: ContainerSummary): Tone {
  if (container.State === "running") return container.Status.includes("unhealthy") ? "bad" : "good";
  if (container.State === "paused" || container.State === "restarting" || container.State === "removing") return "busy";
  if (container.State === "created") return "info";
  return exitCode(container) === 0 ? "dim" : "bad";
}

export const symbols: Record<string, string> = {
  running: "●",
  paused: "‖",
  restarting: "↻",
  created: "○",
  removing: "✕",
  dead: "✕",
  exited: "■",
};

/** The status, and how often the container has been started again: "Up 3 seconds ↻4", "Exited (1) ↻4 3 seconds ago". */
export function statusOf(container: ContainerSummary, now: number): string {
  const status = livingStatus(container, now);
  const mark = container.RestartCount ? ` ↻${container.RestartCount}` : "";
  const [code] = /^\w+ \(\d+\)/.exec(status) ?? [];
  return code ? `${code}${mark}${status.slice(code.length)}` : status + mark;
}

/** The same in fewer cells: "Up 2m (unhealthy)", "Exited (137) ↻4 3h". */
export function shortStatus(container: ContainerSummary, now: number): string {
  return statusOf(container, now)
    .replace(roughly, (_, count: string, unit: string) => `${/^\d/.test(count) ? count : count.startsWith("Less") ? 0 : 1}${letters[unit]}`)
    .replace("(health: ", "(");
}

/** A duration as docker says it. */
const roughly = /(About an?|Less than a|\d+) (second|minute|hour|day|week|month|year)s?(?: ago)?/;
const letters: Record<string, string> = { second: "s", minute: "m", hour: "h", day: "d", week: "w", month: "mo", year: "y" };

/** The engine's status with its duration counted on: "Up 3 seconds" and "Exited (0) 3 seconds ago" tick without asking again. */
function livingStatus(container: ContainerSummary, now: number): string {
  const time = since(container);
  if (time === undefined) return container.Status;
  const duration = humanDuration(Math.max(0, (now - time) / 1000));
  if (!isRunning(container)) return container.Status.replace(/^((?:Exited|Restarting) \(\d+\)) .*$/, `$1 ${duration} ago`);
  const notes = /( \(.*\))$/.exec(container.Status)?.[1] ?? "";
  return container.Status.startsWith("Up ") ? `Up ${duration}${notes}` : container.Status;
}

/** When what the status speaks of began: the start, or the end. */
export function since(container: ContainerSummary): number | undefined {
  const text = isRunning(container) ? container.StartedAt : container.FinishedAt;
  if (!text) return undefined;
  let time = times.get(container);
  if (time === undefined) times.set(container, (time = Date.parse(text)));
  return time > 0 ? time : undefined;
}

/** Parsed once: every frame asks for every row in sight. */
const times = new WeakMap<ContainerSummary, number>();

/** "8080→80 9000-9004→9000-9004 53→53/udp": only published ports, as the list is narrow; those in a row as one. */
export function publishedPorts(list: readonly PortSummary[]): string {
  const runs: { from: PortSummary; length: number }[] = [];
  const seen = new Set<string>();
  for (const port of list) {
    const key = `${port.PublicPort} ${port.PrivatePort} ${port.Type}`;
    if (port.PublicPort === undefined || seen.has(key)) continue;
    seen.add(key);
    const run = runs.find((each) => follows(each, port));
    if (run) run.length++;
    else runs.push({ from: port, length: 1 });
  }
  const range = (first: number, length: number) => (length > 1 ? `${first}-${first + length - 1}` : `${first}`);
  return runs
    .map(
      ({ from: { PublicPort = 0, PrivatePort, Type }, length }) =>
        `${range(PublicPort, length)}→${range(PrivatePort, length)}${Type === "tcp" ? "" : `/${Type}`}`,
    )
    .join(" ");
}

const follows = ({ from, length }: { from: PortSummary; length: number }, { PublicPort, PrivatePort, Type }: PortSummary) =>
  Type === from.Type && PublicPort === (from.PublicPort ?? 0) + length && PrivatePort === from.PrivatePort + length;

/** "http://127.0.0.1:8080" of the lowest published TCP port. */
export function urlOf({ Ports }: ContainerSummary): string | undefined {
  const [port] = Ports.filter((each) => each.PublicPort !== undefined && each.Type === "tcp").sort((a, b) => a.PrivatePort - b.PrivatePort);
  if (!port) return undefined;
  const anywhere = !port.IP || port.IP === "0.0.0.0" || port.IP === "::";
  const host = anywhere ? "localhost" : port.IP!.includes(":") ? `[${port.IP}]` : port.IP;
  return `http${[443, 8443].includes(port.PrivatePort) ? "s" : ""}://${host}:${port.PublicPort}`;
}

const healthOf = (row: ContainerSummary) => /\((healthy|unhealthy|health: starting)\)/.exec(row.Status)?.[1]?.replace("health: ", "") ?? "";
const exitText = (row: ContainerSummary) => (row.State === "exited" || row.State === "dead" ? String(exitCode(row)) : "");
/** "8080 80/tcp" */
const portsText = (row: ContainerSummary) => row.Ports.map((port) => `${port.PublicPort ?? ""} ${port.PrivatePort}/${port.Type}`).join(" ");
const restartText = (row: ContainerSummary) => (row.RestartCount ? String(row.RestartCount) : "");
const pidsText = ({ pids }: Usage) => String(pids);
const projectOf = (row: ContainerSummary) => row.Labels["com.docker.compose.project"] ?? "";
const networksOf = (row: ContainerSummary) => Object.keys(row.NetworkSettings.Networks).join(" ");
/** "42s", "3m", "2h", "5d": since it began, or since it ended. */
function ageOf(row: ContainerSummary, now: number): string {
  const time = since(row);
  return time === undefined ? "" : shortDuration((now - time) / 1000);
}

const measured = <Of>(usage: Of | undefined, text: (usage: Of) => string): string => (usage ? text(usage) : "");
const uses = ({ State }: ContainerSummary) => State === "running";
/** What it uses now: what was measured of it while it ran says nothing of one that has ended or is paused. */
const usageOf = (row: ContainerSummary, usage: ReadonlyMap<string, Usage>) => (uses(row) ? usage.get(row.Id) : undefined);
const ranking = (value: (usage: Usage) => number) => (usage: Usage, row: ContainerSummary) => (uses(row) ? value(usage) : 0);

/** Of those that run; undefined when not all of them are measured. */
function sumOf(rows: readonly ContainerSummary[], usage: ReadonlyMap<string, Usage>): Pick<Usage, "cpu" | "memory"> | undefined {
  const up = rows.filter(uses);
  const known = up.flatMap(({ Id }) => usage.get(Id) ?? []);
  if (known.length === 0 || known.length < up.length) return undefined;
  return { cpu: known.reduce((sum, { cpu }) => sum + cpu, 0), memory: known.reduce((sum, { memory }) => sum + memory, 0) };
}

/** "5/6 up, 1 unhealthy" */
function upOf(rows: readonly ContainerSummary[]): string {
  const ill = rows.filter((row) => healthOf(row) === "unhealthy").length;
  return `${rows.filter(isRunning).length}/${rows.length} up${ill > 0 ? `, ${ill} unhealthy` : ""}`;
}

const order: Record<string, number> = { running: 0, paused: 1, restarting: 2, created: 3, exited: 4, removing: 5, dead: 6 };

export const containers: ResourceView<ContainerSummary> = {
  id: "containers",
  title: "Containers",
  key: "1",
  noun: "container",
  events: ["container"],
  columns: [
    { header: " ", name: "symbol", min: 1, value: (row) => symbols[row.State] ?? "?", tone: toneOf },
    { header: "NAME", min: 12, grow: 3, value: containerName, sort: containerName },
    {
      header: "HOST",
      min: 8,
      grow: 1,
      only: (row) => hostOf(row) !== undefined,
      value: (row) => hostOf(row) ?? "",
      sort: (row) => hostOf(row) ?? "",
    },
    { header: "IMAGE", min: 16, grow: 3, drop: 4, value: (row) => row.Image, sort: (row) => row.Image },
    {
      header: "STATUS",
      min: 24,
      content: 24,
      grow: 2,
      value: statusOf,
      short: { content: 16, value: shortStatus },
      sum: upOf,
      tone: toneOf,
      sort: (row) => order[row.State] ?? 9,
    },
    {
      header: "CPU",
      min: 5,
      content: 5,
      drop: 3,
      align: "right",
      value: (row, _now, usage) => measured(usageOf(row, usage), cpuText),
      ranks: ranking(recentCpu),
      sum: (rows, usage) => measured(sumOf(rows, usage), cpuText),
    },
    {
      header: "MEM",
      min: 5,
      content: 5,
      drop: 3,
      align: "right",
      value: (row, _now, usage) => measured(usageOf(row, usage), memoryText),
      ranks: ranking(({ memory }) => memory),
      sum: (rows, usage) => measured(sumOf(rows, usage), memoryText),
    },
    { header: "PORTS", min: 11, grow: 2, drop: 2, value: (row) => publishedPorts(row.Ports), tone: () => "accent" },
    { header: "COMMAND", min: 16, grow: 3, drop: 6, value: (row) => row.Command, tone: () => "dim" },
    { header: "CREATED", min: 18, content: 18, drop: 5, value: (row, now) => ago(row.Created, now), sort: (row) => -row.Created },
    { header: "ID", min: 12, drop: 7, value: (row) => shortId(row.Id), tone: () => "dim" },
    { header: "STATE", hidden: true, min: 7, value: (row) => row.State, tone: toneOf, sort: (row) => order[row.State] ?? 9 },
    { header: "HEALTH", hidden: true, min: 9, content: 9, drop: 2, value: healthOf, tone: toneOf, sort: healthOf },
    { header: "EXIT", hidden: true, min: 4, align: "right", drop: 3, value: exitText, sort: (row) => -exitCode(row) },
    { header: "RESTARTS", hidden: true, min: 8, align: "right", drop: 3, value: restartText, sort: (row) => -(row.RestartCount ?? 0) },
    { header: "AGE", hidden: true, min: 4, content: 4, align: "right", drop: 4, value: ageOf, sort: (row) => -(since(row) ?? 0) },
    {
      header: "PIDS",
      hidden: true,
      min: 4,
      align: "right",
      drop: 4,
      value: (row, _now, usage) => measured(usageOf(row, usage), pidsText),
      ranks: ranking(({ pids }) => pids),
    },
    { header: "PROJECT", hidden: true, min: 8, grow: 1, drop: 4, value: projectOf, sort: projectOf },
    { header: "NETWORK", hidden: true, min: 8, grow: 1, drop: 5, value: networksOf, sort: networksOf, tone: () => "dim" },
  ],
  load: async (engine, { shown }) => shown(await engine.containers.list({ all: true })),
  identify: (row) => row.Id,
  name: containerName,
  haystack: (row) => `${containerName(row)} ${row.Image} ${row.Status} ${row.Command} ${portsText(row)} ${row.Id}`.toLowerCase(),
  fields: {
    name: containerName,
    host: (row) => hostOf(row) ?? "",
    image: (row) => row.Image,
    command: (row) => row.Command,
    state: (row) => row.State,
    status: (row) => `${row.State} ${row.Status}`,
    health: (row) => healthOf(row) || "none",
    port: portsText,
    network: networksOf,
    id: (row) => row.Id,
  },
  labels: (row) => row.Labels,
  since,
  detail: async (engine, row) => sections(await engine.containers.inspect(row.Id)),
  tabs: [
    { title: "Logs", shows: ["log"], every: () => 2000 },
    {
      title: "Stats",
      shows: ["charts"],
      every: () => 1000,
      read: async (engine, row) => healthHistory(await engine.containers.inspect(row.Id)),
    },
    { title: "Top", every: () => 2000, read: processes },
    { title: "Env", read: async (engine, row) => environmentOf(await engine.containers.inspect(row.Id)) },
    { title: "Mounts", read: async (engine, row) => placesOf(await engine.containers.inspect(row.Id)) },
    filesTab((row) => ({ kind: "container", ref: row.Id })),
    inspectTab((engine, row) => engine.containers.inspect(row.Id)),
  ],
  empty: [
    "No containers yet.",
    "Press <app.demo> for a demo: three small containers in a few seconds,",
    "<app.build> to build an image, <container.create> to run one, <app.palette> for any command.",
  ],
};

function ending({ State }: ContainerInspect): string {
  if (State.Running) return `, pid ${State.Pid}`;
  return State.Status === "created" ? "" : `, exit status ${State.ExitCode}`;
}

/** "on-failure:5, restarted 3 times" */
function restarts({ HostConfig: { RestartPolicy }, RestartCount }: ContainerInspect): string {
  const policy = RestartPolicy?.Name || "no";
  const most = RestartPolicy?.MaximumRetryCount ? `:${RestartPolicy.MaximumRetryCount}` : "";
  const times = RestartCount > 0 ? `, restarted ${RestartCount === 1 ? "once" : `${RestartCount} times`}` : "";
  return `${policy}${most}${times}`;
}

/** "unhealthy, 3 failures in a row: curl: (7) …" */
function health({ FailingStreak, Log, Status }: NonNullable<ContainerInspect["State"]["Health"]>): string {
  const last = Log?.at(-1)?.Output?.trim().split("\n")[0];
  const streak = FailingStreak > 0 ? `, ${FailingStreak} failure${FailingStreak === 1 ? "" : "s in a row"}` : "";
  return `${Status}${streak}${FailingStreak > 0 && last ? `: ${last}` : ""}`;
}

async function processes(engine: Engine, row: ContainerSummary): Promise<DetailSection[]> {
  if (!isRunning(row)) return [{ kind: "lines", title: "", lines: ["it does not run: it has no processes"] }];
  const { Titles, Processes } = await engine.containers.top(row.Id);
  const rows = Processes.map((cells) => Object.fromEntries(Titles.map((title, at) => [title, cells[at] ?? ""])));
  return [{ kind: "table", title: "", rows }];
}

/** The results of the last checks, the newest first. */
function healthHistory({ State: { Health, Running } }: ContainerInspect): DetailSection[] {
  if (!Health) return Running ? [] : [{ kind: "lines", title: "", lines: ["it does not run: it uses nothing"] }];
  const rows = [...(Health.Log ?? [])].reverse().map(({ Start, ExitCode, Output }) => ({
    time: Start.slice(11, 19),
    result: ExitCode === 0 ? "healthy" : `exit status ${ExitCode}`,
    output: Output.trim().replace(/\s+/g, " "),
  }));
  return [{ kind: "table", title: `Health: ${Health.Status}`, rows }];
}

function environmentOf({ Config }: ContainerInspect): DetailSection[] {
  const environment = (Config.Env ?? []).map((line) => ({ name: line.split("=", 1)[0] ?? "", value: line.slice(line.indexOf("=") + 1) }));
  const labels = Object.entries(Config.Labels ?? {}).map(([label, value]) => ({ label, value }));
  const all: DetailSection[] = [
    { kind: "table", title: "Environment", rows: environment, wraps: true },
    { kind: "table", title: "Labels", rows: labels, wraps: true },
  ];
  return orNothing(all, "no environment, no labels");
}

/** Sections that have something, else words for nothing. */
function orNothing(all: readonly DetailSection[], words: string): DetailSection[] {
  const shown = all.filter((section) => section.kind !== "table" || section.rows.length > 0);
  return shown.length > 0 ? shown : [{ kind: "lines", title: "", lines: [words] }];
}

/** Where it has its files from, and how it is reached. */
function placesOf(container: ContainerInspect): DetailSection[] {
  const mounts = container.Mounts.map(({ Destination, Type, Name, Source, RW }) => ({
    path: Destination,
    mode: RW ? "rw" : "ro",
    type: Type,
    source: Name ?? Source,
  }));
  const all = [
    { kind: "table" as const, title: "Mounts", rows: mounts },
    ...sections(container).filter(({ title }) => ["Ports", "Networks"].includes(title)),
  ];
  return orNothing(all, "no mounts, no ports, no networks");
}

/** What the detail pane says of a container. */
export function sections(container: ContainerInspect): DetailSection[] {
  const { Config, State, NetworkSettings } = container;
  const command = [container.Path, ...container.Args].join(" ");
  const facts: [string, string][] = [
    ["Image", Config.Image],
    ["Command", command],
    ["State", `${State.Status}${ending(container)}${State.OOMKilled ? ", out of memory" : ""}`],
    ["Started", State.StartedAt.startsWith("0001") ? "never" : State.StartedAt.replace(/\.\d+/, "")],
    ["Restart", restarts(container)],
    ["Id", shortId(container.Id)],
  ];
  if (State.Error) facts.push(["Error", State.Error]);
  if (State.Health) facts.push(["Health", health(State.Health)]);
  const bindings = Object.entries(NetworkSettings.Ports ?? {}).flatMap(([port, hosts]) =>
    (hosts ?? [{ HostIp: "", HostPort: "" }]).map((host) => ({
      container: port,
      host: host.HostPort ? `${host.HostIp}:${host.HostPort}` : "not published",
    })),
  );
  const mounts = container.Mounts.map((mount) => ({
    path: mount.Destination,
    source: mount.Name ?? mount.Source,
    mode: mount.RW ? "rw" : "ro",
  }));
  const networks = Object.entries(NetworkSettings.Networks ?? {}).map(([network, end]) => ({ network, address: end.IPAddress || "none" }));
  const environment = (Config.Env ?? []).map((line) => ({ name: line.split("=", 1)[0] ?? "", value: line.slice(line.indexOf("=") + 1) }));
  const tables: DetailSection[] = [
    { kind: "table", title: "Ports", rows: bindings },
    { kind: "table", title: "Networks", rows: networks },
    { kind: "table", title: "Mounts", rows: mounts },
    { kind: "table", title: "Environment", rows: environment, wraps: true },
  ];
  return [{ kind: "pairs", title: "", rows: facts }, ...tables.filter((table) => table.kind === "table" && table.rows.length > 0)];
}
