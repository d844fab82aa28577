/** `attach`, `start -a`, `run`: faces coupled with a container's process over the line. */
import type { AttachOptions, ContainerCreate, SessionEnd, Streams } from "../../container/index.ts";
import { EngineError } from "../../errors.ts";
import type { ProgressEvent } from "../../events.ts";
import { type Link, segment } from "../link/link.ts";
import { converse } from "./converse.ts";
import { createContainer } from "./create.ts";
import { inspectContainer } from "./shapes.ts";
import { beginWait, waitFor } from "./wait.ts";

/** What of a container a session depends on. */
interface Facts {
  id: string;
  tty: boolean;
  openStdin: boolean;
  stdinOnce: boolean;
  autoRemove: boolean;
}

async function factsOf(link: Link, ref: string) {
  const { Id, Name, State, Config, HostConfig } = await inspectContainer(link, ref);
  const { Tty: tty, OpenStdin: openStdin, StdinOnce: stdinOnce } = Config;
  const facts: Facts = { id: Id, tty, openStdin, stdinOnce, autoRemove: HostConfig.AutoRemove };
  return { facts, State, name: Name.replace(/^\//, "") };
}

/** See container/index.ts. @throws EngineError `not-running` */
export async function attach(link: Link, ref: string, streams: Streams, options: AttachOptions = {}): Promise<SessionEnd> {
  const { facts, State, name } = await factsOf(link, ref);
  if (State.Paused) throw notNow("paused", "unpause it first", `let it go on with 'berth unpause ${name}'`);
  if (State.Restarting) throw notNow("restarting", "wait until it is running");
  if (!State.Running && !options.ahead) throw notNow("stopped", "start it first", `start it with 'berth start ${name}'`);
  return attended(link, facts, streams, options, State.Running);
}

function notNow(state: string, what: string, hint?: string): EngineError {
  return new EngineError("not-running", `You cannot attach to a ${state} container, ${what}`, hint === undefined ? {} : { hint });
}

/** Attached first, then started: no output is lost. */
export async function startAttached(link: Link, ref: string, streams: Streams, options: AttachOptions = {}): Promise<SessionEnd> {
  const { facts, State } = await factsOf(link, ref);
  return attended(link, facts, streams, options, State.Running, () => startContainer(link, facts.id));
}

export async function startContainer(link: Link, ref: string): Promise<void> {
  await link.tell("POST", `/containers/${segment(ref)}/start`, { also: [304] });
}

/**
 * @param runs it does already: its end is the next one, else that of the life that begins
 * @param begin called when nothing can be missed any more
 */
async function attended(
  link: Link,
  { id, tty, openStdin, stdinOnce, autoRemove }: Facts,
  streams: Streams,
  options: AttachOptions,
  runs: boolean,
  begin?: () => Promise<void>,
): Promise<SessionEnd> {
  const { stdin = true, stdout = true, stderr = true, past = false, detachKeys } = options;
  const takesInput = stdin && openStdin && (streams.terminal !== undefined || streams.stdin !== undefined);
  // podman knows no status any more once a container is removed.
  const forgets = autoRemove && (await link.peer()).kind === "podman";
  const waiting = beginWait(link, id, autoRemove && !forgets ? "removed" : runs ? "not-running" : "next-exit");
  try {
    await waiting.begun;
    const connection = await link.hijack(`/containers/${id}/attach`, {
      query: { stream: true, stdin: takesInput, stdout: stdout || tty, stderr, logs: past, detachKeys },
      signal: options.signal,
    });
    options.onAttached?.();
    // dockerd takes the end of what is sent to a container that waits for more for the end of the client's interest.
    const endsInput = stdinOnce || (await link.peer()).kind !== "docker";
    const path = `/containers/${id}`;
    const resize = ({ columns: w, rows: h }: { columns: number; rows: number }) => link.tell("POST", `${path}/resize`, { query: { w, h } });
    const kill = (signal: string) => link.tell("POST", `${path}/kill`, { query: { signal } });
    const started = Promise.withResolvers<void>();
    // The size of what has not begun is set when it has.
    const sized: typeof resize = (size) => started.promise.then(() => resize(size));
    const ended = converse({ connection, tty, streams, options, takesInput, endsInput, resize: sized, kill });
    ended.catch(() => {}); // when the start fails, that is what went wrong
    try {
      await begin?.();
    } catch (error) {
      connection.destroy();
      throw error;
    }
    started.resolve();
    const { detached } = await ended;
    if (detached) return { detached: true };
    const exitCode = await waiting.status;
    if (forgets) await waitFor(link, id, "removed").catch(() => {}); // it may be gone already
    return { detached: false, exitCode };
  } catch (error) {
    if (options.signal?.aborted) return { detached: true };
    throw link.explain(error);
  } finally {
    waiting.stop();
    waiting.status.catch(() => {});
  }
}

/** See container/index.ts: whatever keeps it from starting is 125, unless the command itself is to blame. */
export async function* run(
  link: Link,
  spec: ContainerCreate,
  streams: Streams,
  options: AttachOptions,
): AsyncGenerator<ProgressEvent, { Id: string } & SessionEnd> {
  try {
    const { Id, Warnings } = yield* createContainer(link, spec, options.signal);
    for (const text of Warnings) yield { type: "warning", text };
    const { stdout = true, stderr = true } = options;
    if (!stdout && !stderr) yield { type: "row", value: Id };
    const {
      Tty: tty = false,
      OpenStdin: openStdin = false,
      StdinOnce: stdinOnce = false,
      HostConfig: { AutoRemove: autoRemove = false } = {},
    } = spec;
    const facts = { id: Id, tty, openStdin, stdinOnce, autoRemove };
    return { Id, ...(await attended(link, facts, streams, options, false, () => startContainer(link, Id))) };
  } catch (error) {
    if (error instanceof EngineError && error.exit < 125) throw error.withExit(125);
    throw error;
  }
}
