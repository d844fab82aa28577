/** Reading what a container writes, piece by piece: every line once, whole, through all its runs. */
import type { LogEntry, LogsOptions } from "../../container/index.ts";
import { EngineError } from "../../errors.ts";
import { nanosecondsOf } from "../../instant.ts";
import { LineJoiner, shortName } from "./log-lines.ts";
import type { Seen } from "./observe.ts";
import type { Scene } from "./scene.ts";

export interface Line {
  /** Of its container, without the project's. */
  name: string;
  stream: LogEntry["stream"];
  time: string;
  data: Uint8Array;
}

export type ShowLine = (line: Line) => Promise<void>;

export class LogCursor {
  readonly #scene: Scene;
  readonly #id: string;
  readonly #name: string;
  readonly #joiners = { stdout: new LineJoiner(), stderr: new LineJoiner() };
  /** Of the last entry that was read, and how many of that time were: what is written together has one time. */
  #time = "";
  #count = 0;

  constructor(scene: Scene, { id, name }: Pick<Seen, "id" | "name">) {
    this.#scene = scene;
    this.#id = id;
    this.#name = shortName(scene.project, name);
  }

  /**
   * The lines after those that were read before. The log of a container that is removed ends; one that cannot be read has a warning.
   * @param options `since` and `tail` count where nothing was read yet
   */
  async *lines(options: LogsOptions): AsyncGenerator<Line> {
    let again = this.#count;
    const { since: _since, tail: _tail, ...rest } = options;
    const range = this.#time === "" ? options : { ...rest, since: nanosecondsOf(this.#time) };
    try {
      for await (const entries of this.#scene.engine.containers.logs(this.#id, range))
        for (const entry of entries) {
          if (again > 0 && entry.time === this.#time) again--;
          else yield* this.#read(entry);
        }
    } catch (error) {
      if (!(error instanceof EngineError) || !["unsupported", "not-found"].includes(error.code)) throw error;
      if (error.code === "unsupported")
        this.#scene.report({ type: "warning", text: `cannot show what ${this.#name} wrote: ${error.message}` });
    }
  }

  /** What was written last and has no end of line: nothing more comes that belongs to it. */
  *rest(): Generator<Line> {
    for (const stream of ["stdout", "stderr"] as const) {
      const data = this.#joiners[stream].rest();
      if (data) yield { name: this.#name, stream, time: this.#time, data };
    }
  }

  *#read(entry: LogEntry): Generator<Line> {
    const { stream, time } = entry;
    this.#count = time === this.#time ? this.#count + 1 : 1;
    this.#time = time;
    const data = this.#joiners[stream].add(entry);
    if (data) yield { name: this.#name, stream, time, data };
  }
}
