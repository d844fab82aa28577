/** The logs of several containers as one: in the order of their times, then, when they are followed, as they come. */
import type { LogsOptions } from "../../container/index.ts";
import { label } from "../labels.ts";
import { type Line, LogCursor, type ShowLine } from "./log-cursor.ts";
import { type LogLook, Prefixes, shortName } from "./log-lines.ts";
import { observeContainers, type Seen } from "./observe.ts";
import type { Scene } from "./scene.ts";

/** @param isChosen which of the project's containers; while they are followed also of those that start meanwhile */
export async function showLogs(scene: Scene, isChosen: (seen: Seen) => boolean, options: LogsOptions, look: LogLook): Promise<void> {
  const prefixes = new Prefixes(look);
  const show: ShowLine = async ({ name, ...line }) => {
    // All of it is what was asked for, and goes where a filter reads it; `up` tells the two streams apart.
    scene.report({ type: "output", stream: "stdout", data: prefixes.line(name, line) });
    await scene.room?.();
  };
  const cursors = new Map<string, LogCursor>();
  /** Those that were not there before. */
  const observe = async () => {
    const all = (await observeContainers(scene.engine, scene.project.model.name)).filter((seen) => isChosen(seen) && !cursors.has(seen.id));
    for (const seen of all) {
      prefixes.add(shortName(scene.project, seen.name));
      cursors.set(seen.id, new LogCursor(scene, seen));
    }
  };
  const { follow, ...past } = { ...options, signal: scene.signal };
  const begun = Date.now() / 1000;
  await observe();
  await mergeAll(
    [...cursors.values()].map((cursor) => pastOf(cursor, past, follow)),
    show,
  );
  if (follow && cursors.size > 0) await followAll(scene, { cursors, observe, options, begun, show });
}

async function* pastOf(cursor: LogCursor, options: LogsOptions, goesOn = false): AsyncGenerator<Line> {
  yield* cursor.lines(options);
  if (!goesOn) yield* cursor.rest();
}

/** One line of each is held at a time. Two at the same time stand in the order of the containers. */
async function mergeAll(sources: AsyncGenerator<Line>[], show: ShowLine): Promise<void> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, next: await source.next() })));
  for (;;) {
    const open = heads.filter(({ next }) => !next.done);
    if (open.length === 0) return;
    const first = open.reduce((a, b) => ((b.next.value as Line).time < (a.next.value as Line).time ? b : a));
    await show(first.next.value as Line);
    first.next = await first.source.next();
  }
}

interface Followed {
  /** By id. */
  cursors: Map<string, LogCursor>;
  /** Adds the cursors of containers that are new. */
  observe: () => Promise<void>;
  options: LogsOptions;
  /** Seconds since the epoch, of before the first look at what there is. */
  begun: number;
  show: ShowLine;
}

/** Each as it comes, also of those that start meanwhile, again or for the first time. Ends with the last that runs. */
async function followAll(scene: Scene, { cursors, observe, options, begun, show }: Followed): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([scene.signal, over.signal]);
  const runs = new Map<string, Promise<void>>();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const { tail: _tail, ...range } = options;
  let open = 0;
  const pour = async (cursor: LogCursor) => {
    for await (const line of cursor.lines({ ...range, follow: true, signal })) await show(line);
    for (const line of cursor.rest()) await show(line);
  };
  const begin = (id: string, cursor: LogCursor) => {
    open++;
    const run = (runs.get(id) ?? Promise.resolve()).then(() => pour(cursor));
    runs.set(id, run);
    run.then(() => --open === 0 && over.abort(), reject);
  };
  const watchStarts = async () => {
    const filters = { type: ["container"], event: ["start"], label: [`${label.project}=${scene.project.model.name}`] };
    try {
      for await (const { Actor } of scene.engine.events({ follow: true, since: begun, filters, signal })) {
        if (!cursors.has(Actor.ID)) await observe();
        const cursor = cursors.get(Actor.ID);
        if (cursor) begin(Actor.ID, cursor);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
  for (const [id, cursor] of cursors) begin(id, cursor);
  await Promise.race([failed, watchStarts()]);
}
