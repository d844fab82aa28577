/** What a container writes and reads: logs, attach; what it uses: stats; and waiting for its end. */
import type { Duplex, Writable } from "node:stream";
import type { ContainerInspect, LogsOptions, StatsSample, WaitCondition } from "../../container/index.ts";
import { parseDetachKeys } from "../../detach-keys.ts";
import { EngineError, toEngineError } from "../../errors.ts";
import { WebSocketStream, websocketHeaders } from "../../http/websocket.ts";
import { toJson } from "../answers.ts";
import { deliver, framedLines, plainSidesOf, type Sides, sidesOf } from "../frames.ts";
import { logWriter } from "../log-writer.ts";
import { hijackedType, mediaType } from "../media-types.ts";
import { flag, type Parameters, text, time, type Values } from "../parameters.ts";
import { type Call, type Route, route } from "../route.ts";
import { toStats } from "../stats.ts";

const logsQuery = {
  follow: flag("Go on with what comes"),
  stdout: flag("Its standard output"),
  stderr: flag("Its standard error"),
  since: time("Only what was written since"),
  until: time("Only what was written before"),
  timestamps: flag("Each line begins with its time"),
  tail: text('Lines from the end; "all"'),
  details: flag("Each line begins with what the container's log options name: labels, variables, a tag"),
} satisfies Parameters;

/** docker: whatever is no number is all. */
const linesOf = (tail: string | undefined) => (tail !== undefined && /^\d+$/.test(tail) ? Number(tail) : undefined);

function logsOptions({ follow, since, until, tail }: Values<typeof logsQuery>, signal: AbortSignal): LogsOptions {
  const lines = linesOf(tail);
  return {
    follow,
    signal,
    ...(since !== undefined && { since }),
    ...(until && { until }),
    ...(lines !== undefined && { tail: lines }),
  };
}

async function sendLogs(call: Call<Values<typeof logsQuery>>): Promise<undefined> {
  const { engine, path, query, signal } = call;
  if (!query.stdout && !query.stderr) throw new EngineError("invalid", "Bad parameters: you must choose at least one stream");
  const container = await engine.containers.inspect(path["id"]!);
  const { Id, Config, HostConfig } = container;
  if (HostConfig.LogConfig?.Type === "none") throw new EngineError("unsupported", "configured logging driver does not support reading");
  const tty = Config.Tty ?? false;
  const details = query.details ? await call.logDetails(container) : undefined;
  const target = call.stream(mediaType(tty, call.version));
  const writer = logWriter(sidesOf(target, tty, query, framedLines), { timestamps: query.timestamps, details });
  const joined = !query.timestamps && details === undefined;
  for await (const entries of engine.containers.logs(Id, { ...logsOptions(query, signal), joined })) {
    if (signal.aborted) break;
    await writer(entries);
  }
  target.end();
}

const attachQuery = {
  detachKeys: text('Keys that leave the container running; default "ctrl-p,ctrl-q"'),
  logs: flag("What was written before"),
  stream: flag("What is written from now on"),
  stdin: flag("What the client sends goes to its standard input"),
  stdout: flag("Its standard output"),
  stderr: flag("Its standard error"),
} satisfies Parameters;

type AttachQuery = Values<typeof attachQuery>;

async function attach(call: Call<AttachQuery>): Promise<undefined> {
  const container = await attachable(call);
  const tty = container.Config.Tty ?? false;
  await attachTo(call, container, call.hijack(hijackedType(tty, call)), (target, shown) => sidesOf(target, tty, shown));
}

/** Both streams come as they are: what is a message has no frames in it. Older clients could not choose among them. */
async function attachByWebSocket(call: Call<AttachQuery>): Promise<undefined> {
  const { exchange, query, version } = call;
  if (exchange.upgrade !== "websocket") throw new EngineError("invalid", "cannot open a WebSocket: it is no request to upgrade to one");
  const container = await attachable(call);
  const connection = new WebSocketStream(call.hijack(undefined, websocketHeaders(exchange.headers)));
  const streams = version < 142 ? { stdin: true, stdout: true, stderr: true } : {};
  await attachTo({ ...call, query: { ...query, ...streams } }, container, connection, plainSidesOf);
}

/** @throws EngineError `conflict`, `invalid` (keys) */
async function attachable({ engine, path, query }: Call<AttachQuery>): Promise<ContainerInspect> {
  const name = path["id"]!;
  parseDetachKeys(query.detachKeys ?? "");
  const container = await engine.containers.inspect(name);
  const { Paused, Restarting } = container.State;
  if (Paused) throw new EngineError("conflict", `Container ${name} is paused, unpause the container before attach.`);
  if (Restarting) throw new EngineError("conflict", `Container ${name} is restarting, wait until the container is running`);
  return container;
}

/** The head of the answer tells that it is attached, or waits for the start: a client starts the container after that. */
async function attachTo(
  call: Call<AttachQuery>,
  { Id: id, State }: ContainerInspect,
  connection: Duplex,
  sidesIn: typeof plainSidesOf,
): Promise<void> {
  const { engine, query } = call;
  const gone = new AbortController();
  connection.on("error", () => {}).once("close", () => gone.abort());
  call.signal.addEventListener("abort", () => gone.abort(), { once: true });
  const sides = sidesIn(connection, query);
  // The end of what a client sends is heard only where somebody reads.
  if (!query.stdin) connection.resume();
  const tell = () => void call.exchange.tell();
  const options = {
    ...shownBy(query),
    ahead: true,
    onAttached: tell,
    past: query.logs,
    sigProxy: false,
    ...(query.detachKeys !== undefined && { detachKeys: query.detachKeys }),
    signal: gone.signal,
  };
  try {
    if (query.stream && (query.stdin || query.stdout || query.stderr))
      await engine.containers.attach(id, { ...sides, ...(query.stdin && { stdin: connection }) }, options);
    else if (query.logs) {
      tell();
      await replay(call, id, sides);
    }
  } catch (thrown) {
    tell();
    // Why a container does not start is the answer to who has started it.
    if (State.Running) await deliver(sides.stderr, Buffer.from(`${toEngineError(thrown).message}\r\n`));
  } finally {
    connection.end();
    // What nobody reads any more would keep the connection open.
    connection.resume();
  }
}

const shownBy = ({ stdin, stdout, stderr }: AttachQuery) => ({ stdin, stdout, stderr });

async function replay({ engine }: Call<unknown, unknown>, id: string, sides: Sides): Promise<void> {
  const writer = logWriter(sides, {});
  for await (const entries of engine.containers.logs(id, { joined: true })) await writer(entries);
}

const conditions: readonly WaitCondition[] = ["not-running", "next-exit", "removed"];

/** The head of the answer tells that it waits: a client starts the container after that. */
async function wait(call: Call<{ condition: string | undefined }>): Promise<undefined> {
  const { engine, path, query, signal } = call;
  const condition = conditions.find((each) => each === (query.condition ?? "not-running"));
  if (!condition) throw new EngineError("invalid", `invalid condition: "${query.condition}"`);
  let target: Writable | undefined;
  const begin = () => void (target = call.stream("application/json"));
  try {
    const StatusCode = await engine.containers.wait(path["id"]!, condition, signal, begin);
    target?.end(`${toJson({ StatusCode })}\n`);
  } catch (error) {
    if (!target) throw error;
    target.end(`${toJson({ StatusCode: -1, Error: { Message: toEngineError(error).message } })}\n`);
  }
}

/** Docker's second sample holds the one before it: a client computes shares from the two. */
async function sendStats(call: Call<{ stream: boolean; "one-shot": boolean }>): Promise<undefined> {
  const { engine, path, query, signal } = call;
  if (query.stream && query["one-shot"]) throw new EngineError("invalid", "cannot have stream=true and one-shot=true");
  const { Id } = await engine.containers.inspect(path["id"]!);
  const target = call.stream("application/json");
  const wanted = query.stream ? Number.POSITIVE_INFINITY : query["one-shot"] ? 1 : 2;
  let before: StatsSample | undefined;
  let count = 0;
  for await (const [sample] of engine.containers.stats([Id], { stream: wanted > 1, all: true, detail: true, signal })) {
    if (!sample || signal.aborted) break;
    count++;
    if (query.stream || count === wanted) await deliver(target, Buffer.from(`${toJson(toStats(sample, before))}\n`));
    before = sample;
    if (count === wanted) break;
  }
  target.end();
}

export const containerStreamRoutes: readonly Route[] = [
  route("GET /containers/{id}/logs", { summary: "Read what it wrote", query: logsQuery, handle: sendLogs }),
  route("POST /containers/{id}/attach", {
    summary: "Read what it writes, write what it reads; before its start, too",
    query: attachQuery,
    hijacks: true,
    handle: attach,
  }),
  route("GET /containers/{id}/attach/ws", {
    summary: "The same by a WebSocket: both streams as they are, in binary frames",
    query: attachQuery,
    hijacks: true,
    handle: attachByWebSocket,
  }),
  route("POST /containers/{id}/wait", {
    summary: "Wait for its end; the head of the answer comes when it waits",
    query: { condition: text("not-running (default), next-exit or removed") },
    handle: wait,
  }),
  route("GET /containers/{id}/stats", {
    summary: "Measure what it uses",
    query: { stream: flag("A sample every second", true), "one-shot": flag("Without a second look, from which shares are computed") },
    handle: sendStats,
  }),
];
