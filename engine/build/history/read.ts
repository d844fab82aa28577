/** What was kept of a build, read: its facts and steps, or all it said once more, and on while it runs. */
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import type { BuildEvent } from "../../events.ts";
import type { Ground } from "../../state/ground.ts";
import { wakeOn } from "../../state/wake.ts";
import type { BuildRecord, BuildSummary } from "../index.ts";
import { type RecordLine, recordFile, recordsDirectory } from "./file.ts";
import { findBuild, listBuilds } from "./rows.ts";
import { recordOf, StepCount } from "./vertices.ts";

/** Bytes read at once. */
const piece = 1 << 20;

/** The lines of a file from where the last call ended; a line that is not whole yet is for the next. */
class Lines {
  readonly #path: string;
  #at = 0;
  #rest = "";
  #decoder = new StringDecoder("utf8");

  constructor(path: string) {
    this.#path = path;
  }

  *next(): Generator<string> {
    const descriptor = openIfThere(this.#path);
    if (descriptor === undefined) return;
    try {
      const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(piece, fstatSync(descriptor).size - this.#at)));
      for (let count = 1; count > 0; ) {
        count = readSync(descriptor, buffer, 0, buffer.length, this.#at);
        this.#at += count;
        const lines = (this.#rest + this.#decoder.write(buffer.subarray(0, count))).split("\n");
        this.#rest = lines.pop() ?? "";
        yield* lines;
      }
    } finally {
      closeSync(descriptor);
    }
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined; // nothing was said yet, or it was too old to be kept
    throw error;
  }
}

/** Builds, newest first, with the steps that running ones have come to. */
export function listWithSteps(ground: Ground): BuildSummary[] {
  return listBuilds(ground).map((build) => {
    if (build.Status !== "running" && build.Status !== "interrupted") return build;
    const count = new StepCount();
    for (const line of new Lines(recordFile(ground, build.ID)).next()) count.take(line);
    return { ...build, Steps: count.steps };
  });
}

/** All that is kept of a build but its output. @throws EngineError `not-found` */
export function inspectBuild(ground: Ground, reference: string): BuildRecord {
  const build = findBuild(ground, reference);
  return recordOf(build, new Lines(recordFile(ground, build.ID)).next());
}

/** What a build said, in its order; with `follow` what it goes on to say until its end. @throws EngineError `not-found` */
export async function* replayBuild(
  ground: Ground,
  reference: string,
  { follow, signal }: { follow?: boolean; signal?: AbortSignal } = {},
): AsyncGenerator<BuildEvent> {
  const { ID } = findBuild(ground, reference);
  const lines = new Lines(recordFile(ground, ID));
  using wake = follow ? wakeOn([recordsOf(ground)], { signal }) : undefined;
  while (!signal?.aborted) {
    // Looked at before the file: what an ended build said last is read, too.
    const isRunning = wake !== undefined && findBuild(ground, ID).Status === "running";
    for (const line of lines.next()) yield* eventOf(line);
    if (!isRunning || !wake) return;
    await wake.next();
  }
}

/** Yields whenever some build begins, says something or ends, until the signal comes. */
export async function* buildChanges(ground: Ground, signal: AbortSignal): AsyncGenerator<void> {
  using wake = wakeOn([recordsOf(ground)], { signal });
  while (!wake.over) {
    await wake.next();
    if (!wake.over) yield;
  }
}

/** The first build may not have made it yet. */
function recordsOf(ground: Ground): string {
  const directory = recordsDirectory(ground);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

function* eventOf(text: string): Generator<BuildEvent> {
  const line = JSON.parse(text) as RecordLine;
  if (line.type === "asked" || line.type === "planned" || line.type === "ended") return;
  if (line.type === "cut")
    yield { type: "step-log", id: line.id, stream: "stderr", data: Buffer.from("[what follows was not kept: it was too much]\n") };
  else if (line.type === "step-log") {
    const { id, stream, time } = line;
    yield { type: "step-log", id, stream, time, data: Buffer.from(line.text, "latin1") };
  } else yield line;
}
