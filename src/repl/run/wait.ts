/** `wait CONTAINER|PROJECT healthy|running|stopped|removed|port:NUMBER [TIMEOUT]`. */
import { EngineError } from "../../../engine/errors.ts";
import { isListening } from "../../../engine/http/listening.ts";
import type { Engine } from "../../../engine/index.ts";
import { parseMilliseconds } from "../../format/duration.ts";
import { type Frame, outOfTime, pointAt } from "../frame/index.ts";
import { literal, type Of } from "../language/index.ts";
import type { Session } from "../session.ts";
import { somethingHappens } from "./expectation.ts";

type Details = Awaited<ReturnType<Engine["containers"]["inspect"]>>;

/** Milliseconds between two looks when nothing happens: ports tell of themselves by no event. */
const pace = 100;

export async function runWait(_session: Session, statement: Of<"wait">, frame: Frame): Promise<void> {
  const { variables, text, place } = frame;
  const expand = (word: Of<"wait">["container"]) => variables.expandWord(word, text, place.engine);
  const names = await namesOf(statement.container, frame);
  const wanted = literal(statement.condition);
  const limit = statement.timeout && (await expand(statement.timeout));
  const milliseconds = limit === undefined ? Number.POSITIVE_INFINITY : parseMilliseconds(limit);
  if (milliseconds === undefined)
    throw pointAt(new EngineError("syntax", `wait needs a duration such as 30s, not "${limit}"`), statement.timeout);
  try {
    const wish = { wanted, milliseconds, limit, isLenient: names.project !== undefined };
    await Promise.all(names.containers.map((name) => waitFor(name, wish, frame)));
  } catch (error) {
    throw error instanceof EngineError ? pointAt(error, error.code === "timeout" ? statement.condition : statement.container) : error;
  }
}

/** A container, or all of a project: a variable that holds what `compose up` gave, with or without its dollar sign. */
async function namesOf(word: Of<"wait">["container"], frame: Frame): Promise<{ containers: string[]; project?: string }> {
  const { variables, text, place } = frame;
  const [part] = word.parts;
  const named = !word.quoted && word.parts.length === 1 && part?.kind === "text" ? variables.get(part.text) : undefined;
  const value = isProject(named) ? named : await variables.whole(word, text, place.engine);
  if (!isProject(value)) return { containers: [await variables.expandWord(word, text, place.engine)] };
  const filters = { label: [`com.docker.compose.project=${value.Name}`, "com.docker.compose.oneoff=False"] };
  const all = await place.engine.containers.list({ all: true, filters });
  return { project: value.Name, containers: all.map(({ Names }) => Names[0]!.slice(1)) };
}

function isProject(value: unknown): value is { Name: string; services: object } {
  return typeof value === "object" && value !== null && "services" in value && "Name" in value;
}

interface Wish {
  wanted: string;
  milliseconds: number;
  limit: string | undefined;
  /** Of a project: without a health check it is enough to run, or to have ended well. */
  isLenient: boolean;
}

async function waitFor(name: string, { wanted, milliseconds, limit, isLenient }: Wish, frame: Frame): Promise<void> {
  const { engine } = frame.place;
  const deadline = Date.now() + milliseconds;
  let id = name;
  let wasThere = false;
  for (;;) {
    const details = await found(engine, id, wasThere || wanted === "removed");
    if (!details && (wanted === "removed" || wanted === "stopped")) return;
    if (!details) throw new EngineError("not-found", `container ${name} was removed while it was waited for`);
    if (isLenient && wanted === "healthy" && isWell(details)) return;
    const state = await stateOf(details, wanted, frame);
    if (state.isSo) return;
    if (state.never)
      throw new EngineError("not-running", `container ${name} does not become ${wanted}: ${state.is}`, {
        hint: `see 'berth logs ${name}'`,
      });
    if (Date.now() >= deadline) throw outOfTime(`container ${name} was not ${wanted} within ${limit}: ${state.is}`);
    [id, wasThere] = [details.Id, true]; // another of the same name is not waited for
    await somethingHappens(frame, Math.min(pace, Math.max(1, deadline - Date.now())));
  }
}

/** As `compose up --wait` has it. */
function isWell({ Config, State }: Details): boolean {
  const test = Config.Healthcheck?.Test ?? [];
  const hasCheck = test.length > 0 && test[0] !== "NONE";
  return State.Status === "exited" ? State.ExitCode === 0 : State.Running && !hasCheck;
}

async function found({ containers }: Engine, name: string, mayBeGone: boolean): Promise<Details | undefined> {
  try {
    return await containers.inspect(name);
  } catch (error) {
    if (mayBeGone && error instanceof EngineError && error.code === "not-found") return undefined;
    throw error;
  }
}

interface Seen {
  isSo: boolean;
  /** What it is instead. */
  is: string;
  /** No waiting changes that. */
  never?: boolean;
}

async function stateOf(details: Details, wanted: string, frame: Frame): Promise<Seen> {
  const { State: state } = details;
  const is = state.Status === "exited" ? `it exited with status ${state.ExitCode}` : `it is ${state.Status}`;
  if (wanted === "running") return { isSo: state.Running, is };
  if (wanted === "stopped") return { isSo: !state.Running && state.Status !== "created", is };
  if (wanted === "removed") return { isSo: false, is };
  const isOver = !state.Running && state.Status === "exited" && ["", "no"].includes(details.HostConfig.RestartPolicy?.Name ?? "");
  if (!state.Running) return { isSo: false, is, never: isOver };
  return wanted === "healthy" ? healthOf(details) : portOf(details, Number(wanted.slice("port:".length)), frame);
}

function healthOf({ State: { Health: health } }: Details): Seen {
  if (!health || health.Status === "none") return { isSo: false, is: "it has no health check", never: true };
  const last = health.Log.at(-1)?.Output.trim();
  return { isSo: health.Status === "healthy", is: `it is ${health.Status}${last ? `, the last check said ${JSON.stringify(last)}` : ""}` };
}

/** A port of the container itself: at its own address, or where it is published. */
async function portOf(details: Details, port: number, { signal }: Frame): Promise<Seen> {
  const addresses = addressesOf(details, port);
  if (addresses.length === 0) return { isSo: false, is: "it has no network", never: true };
  for (const [host, at] of addresses) if (await isListening(host, at, signal)) return { isSo: true, is: "" };
  return { isSo: false, is: `nothing listens on its port ${port}` };
}

function addressesOf({ HostConfig, NetworkSettings }: Details, port: number): [string, number][] {
  if (HostConfig.NetworkMode === "host") return [["127.0.0.1", port]];
  const own = Object.values(NetworkSettings.Networks).flatMap(({ IPAddress }) =>
    IPAddress ? [[IPAddress, port] as [string, number]] : [],
  );
  const published = (NetworkSettings.Ports[`${port}/tcp`] ?? []).map(({ HostIp, HostPort }): [string, number] => [
    HostIp === "" || HostIp === "0.0.0.0" ? "127.0.0.1" : HostIp === "::" ? "::1" : HostIp,
    Number(HostPort),
  ]);
  return [...own, ...published];
}
