/**
 * Keeps what a build says in a file of its own, line by line as it is said: another process reads it while the build runs, and it is
 * there when the build was killed. Nothing is synced to disk and a build never fails for it: what is lost is a memory, and no result.
 */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { BuildEvent } from "../../events.ts";
import type { Ground } from "../../state/ground.ts";
import type { BuildOptions } from "../index.ts";
import type { BuildPlan } from "../plan/index.ts";
import { type Asked, type RecordLine, recordFile } from "./file.ts";
import { prunedBytes, pruneRecords } from "./room.ts";
import { hidden, isSecret, maskOf, withoutUser } from "./secrets.ts";

/** Bytes of output kept of one build; the rest is only counted. */
const mostOutput = 8 << 20;
/** Milliseconds until what was said is on disk: a build out of the cache writes once. */
const delay = 50;
/** Characters that are written at once. */
const batch = 256 << 10;

export class Recorder {
  readonly #ground: Ground;
  readonly #id: string;
  /** A text without the values of arguments that are secrets. */
  readonly mask: (text: string) => string;
  #lines = "";
  #descriptor: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #output = 0;
  #written = 0;

  constructor(ground: Ground, id: string, options: BuildOptions) {
    this.#ground = ground;
    this.#id = id;
    this.mask = maskOf(options.buildArgs ?? {});
    this.#add(askedOf(options, this.mask));
  }

  /** Stages by what they are called. */
  plan({ reachable, stages }: BuildPlan): void {
    const labelOf = (index: number) => stages[index]?.label ?? "";
    this.#add({
      type: "planned",
      stages: reachable.map(({ label, stage, base, needs }) => ({
        label,
        name: stage.name ?? String(stages.findIndex((each) => each.stage === stage)),
        ...(base.kind === "stage" && { base: labelOf(base.index) }),
        needs: needs.map(labelOf),
      })),
    });
  }

  /** Keeps an event, before anybody else has it: the bytes of output are its own only so long. */
  keep(event: BuildEvent): void {
    if (event.type === "step-log") this.#keepOutput(event.id, event.stream, event.data);
    else if (event.type === "step") this.#add({ ...event, name: this.mask(event.name), ...told(event, this.mask) });
    else if (event.type === "warning") this.#add({ ...event, ...told(event, this.mask) });
    // Counters on their way are many, and nobody looks at them later.
    else if (event.type !== "step-status" || event.done) this.#add(event);
  }

  #keepOutput(id: string, stream: "stdout" | "stderr", data: Uint8Array): void {
    if (this.#output > mostOutput) return;
    this.#output += data.length;
    if (this.#output > mostOutput) this.#add({ type: "cut", id });
    else {
      const text = this.mask(Buffer.from(data.buffer, data.byteOffset, data.length).toString("latin1"));
      this.#add({ type: "step-log", id, stream, time: Date.now(), text });
    }
  }

  #add(line: RecordLine): void {
    if (this.#isClosed) return;
    this.#lines += `${JSON.stringify(line)}\n`;
    if (this.#lines.length >= batch) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), delay).unref();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = Buffer.from(this.#lines);
    this.#lines = "";
    try {
      this.#descriptor ??= openRecord(recordFile(this.#ground, this.#id));
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
      this.#written += bytes.length;
    } catch {
      this.#isClosed = true; // no room on the disk: the build goes on without
    }
  }

  /** All is on disk that was said: to be called before the row says that the build is over, as a follower stops there. */
  flush(): void {
    if (this.#lines !== "") this.#write();
  }

  /** Nothing follows: wakes who looks at the row, which has been ended before. */
  end(): void {
    this.#add({ type: "ended", time: Date.now() });
    this.#write();
    this.#close();
    if (this.#written > prunedBytes) pruneRecords(this.#ground);
  }

  /** The build goes on under another id. */
  forget(): void {
    this.#close();
    if (this.#written > 0) rmSync(recordFile(this.#ground, this.#id), { force: true });
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#isClosed = true;
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function openRecord(path: string): number {
  const open = () => openSync(path, "a", 0o600);
  try {
    return open();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(dirname(path), { mode: 0o700 });
    return open();
  }
}

/** What is wrong, and where; the Dockerfile's text is no part of it. */
function told(
  { error, text, location }: { error?: string; text?: string; location?: { source?: string } },
  mask: (text: string) => string,
) {
  const { source: _, ...place } = location ?? {};
  return {
    ...(error !== undefined && { error: mask(error) }),
    ...(text !== undefined && { text: mask(text) }),
    ...(location && { location: place }),
  } as object;
}

function askedOf(options: BuildOptions, mask: (text: string) => string): Asked {
  const { file, dockerfile, context, target, platform, tags = [], buildArgs = {}, secrets = [], noCache } = options;
  return {
    type: "asked",
    file: file ?? (dockerfile === undefined ? "Dockerfile" : "-"),
    context: withoutUser(context),
    ...(target !== undefined && { target }),
    ...(platform !== undefined && { platform }),
    tags,
    args: Object.fromEntries(Object.entries(buildArgs).map(([name, value]) => [name, isSecret(name) ? hidden : withoutUser(mask(value))])),
    secrets: secrets.map(({ id }) => id),
    noCache: Boolean(noCache),
  };
}
