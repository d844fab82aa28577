/** `wait CONTAINER healthy|running|stopped|removed|port:NUMBER [TIMEOUT]`. */
import { EngineError } from "../../engine/errors.ts";
import { isListening } from "../../engine/http/listening.ts";
import type { Engine } from "../../engine/index.ts";
import { parseMilliseconds } from "../format/duration.ts";
import { somethingHappens } from "./expectation.ts";
import type { Frame } from "./frame.ts";
import { pointAt } from "./place.ts";
import type { Session } from "./session.ts";
import type { Of } from "./statement.ts";
import { outOfTime } from "./status.ts";
import { literal } from "./words.ts";

type Details = Awaited<ReturnType<Engine["containers"]["inspect"]>>;

/** Milliseconds between two looks when nothing happens: ports tell of themselves by no event. */
const pace = 100;

export async function runWait(_session: Session, statement: Of<"wait">, frame: Frame): Promise<void> {
  const { variables, text, place } = frame;
  const expand = (word: Of<"wait">["container"]) => variables.expandWord(word, text, place.engine);
  const name = await expand(statement.container);
  const wanted = literal(statement.condition);
  const limit = statement.timeout && (await expand(statement.timeout));
  const milliseconds = limit === undefined ? Number.POSITIVE_INFINITY : parseMilliseconds(limit);
  if (milliseconds === undefined)
    throw pointAt(new EngineError("syntax", `wait needs a duration such as 30s, not "${limit}"`), statement.timeout);
  try {
    await waitFor(name, wanted, milliseconds, frame, limit);
  } catch (error) {
    throw error instanceof EngineError ? pointAt(error, error.code === "timeout" ? statement.condition : statement.container) : error;
  }
}

async function waitFor(name: string, wanted: string, milliseconds: number, frame: Frame, limit?: string): Promise<void> {
  const { engine } = frame.place;
  const deadline = Date.now() + milliseconds;
  let id = name;
  let wasThere = false;
  for (;;) {
    const details = await found(engine, id, wasThere || wanted === "removed");
    if (!details && (wanted === "removed" || wanted === "stopped")) return;
    if (!details) throw new EngineError("not-found", `container ${name} was removed while it was waited for`);
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
