/** The logs of several containers as one: in the order of their times, then, when they are followed, as they come. */
import type { LogEntry, LogsOptions } from "../../container/index.ts";
import { LineJoiner, type LogLook, Prefixes, shortName } from "./log-lines.ts";
import type { Seen } from "./observe.ts";
import type { Scene } from "./scene.ts";

interface Line {
  name: string;
  stream: LogEntry["stream"];
  time: string;
  data: Uint8Array;
}

export async function showLogs(scene: Scene, all: readonly Seen[], options: LogsOptions, look: LogLook): Promise<void> {
  const prefixes = new Prefixes(look);
  const named = all.map((seen) => ({ ...seen, name: shortName(scene.project, seen.name) }));
  for (const { name } of named) prefixes.add(name);
  const show = async ({ name, stream, time, data }: Line) => {
    scene.report({ type: "output", stream, data: prefixes.line(name, { time, data }) });
    await scene.room?.();
  };
  if (options.follow) await followAll(scene, named, options, show);
  else
    await mergeAll(
      named.map((seen) => linesOf(scene, seen, options)),
      show,
    );
}

async function* linesOf({ engine, signal }: Scene, { id, name }: Seen, options: LogsOptions): AsyncGenerator<Line> {
  const joiners = { stdout: new LineJoiner(), stderr: new LineJoiner() };
  for await (const entries of engine.containers.logs(id, { ...options, signal }))
    for (const entry of entries) {
      const data = joiners[entry.stream].add(entry);
      if (data) yield { name, stream: entry.stream, time: entry.time, data };
    }
}

/** One line of each is held at a time. Two at the same time stand in the order of the containers. */
async function mergeAll(sources: AsyncGenerator<Line>[], show: (line: Line) => Promise<void>): Promise<void> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, next: await source.next() })));
  for (;;) {
    const open = heads.filter(({ next }) => !next.done);
    if (open.length === 0) return;
    const first = open.reduce((a, b) => ((b.next.value as Line).time < (a.next.value as Line).time ? b : a));
    await show(first.next.value as Line);
    first.next = await first.source.next();
  }
}

/** What was there in its order, then each as it comes; one that starts again goes on. */
async function followAll(scene: Scene, all: readonly Seen[], options: LogsOptions, show: (line: Line) => Promise<void>): Promise<void> {
  const until = BigInt(Date.now()) * 1_000_000n;
  const { follow: _follow, ...past } = options;
  await mergeAll(
    all.map((seen) => linesOf(scene, seen, { ...past, until })),
    show,
  );
  await Promise.all(
    all.map(async (seen) => {
      for await (const line of linesOf(scene, seen, {
        follow: true,
        since: until,
        ...(options.until !== undefined && { until: options.until }),
      }))
        await show(line);
    }),
  );
}
