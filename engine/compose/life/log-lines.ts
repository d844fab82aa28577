/** What containers of a project write, as lines with their names before them. Pure. */
import type { LogEntry } from "../../container/index.ts";
import { type Named, namedAfter } from "../labels.ts";

export interface LogLook {
  colours: boolean;
  prefixes: boolean;
  timestamps: boolean;
}

/** As docker compose goes round them: cyan, yellow, green, magenta, blue, then the brighter ones. */
const colours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/** Whose colour a name has: one with a further word, "web-1 ->", that of the first. */
const ownerOf = (name: string): string => name.split(" ", 1)[0]!;

/** Prefixes as wide as the widest of those seen so far, one colour each. */
export class Prefixes {
  readonly #look: LogLook;
  readonly #colour = new Map<string, number>();
  #width = 0;

  constructor(look: LogLook) {
    this.#look = look;
  }

  /** Makes room for a name. */
  add(name: string): void {
    const owner = ownerOf(name);
    if (!this.#colour.has(owner)) this.#colour.set(owner, colours[this.#colour.size % colours.length]!);
    this.#width = Math.max(this.#width, name.length);
  }

  of(name: string): string {
    this.add(name);
    if (!this.#look.prefixes) return "";
    const text = `${name.padEnd(this.#width)}  | `;
    return this.#look.colours ? `\x1b[${this.#colour.get(ownerOf(name))}m${text}\x1b[0m` : text;
  }

  /** A line of the log as it is shown: bytes, its end included. */
  line(name: string, { time, data }: Pick<LogEntry, "time" | "data">): Uint8Array {
    const head = `${this.of(name)}${this.#look.timestamps ? `${time} ` : ""}`;
    return Buffer.concat([Buffer.from(head), data, Buffer.from("\n")]);
  }
}

/** The pieces of long lines put together. */
export class LineJoiner {
  #pending: Uint8Array[] = [];

  /** The whole line that a piece ends; undefined while it goes on. */
  add({ data, partial }: Pick<LogEntry, "data" | "partial">): Uint8Array | undefined {
    if (partial && this.#pending.length < 64) {
      this.#pending.push(Buffer.from(data));
      return undefined;
    }
    const whole = this.#pending.length > 0 ? Buffer.concat([...this.#pending, data]) : data;
    this.#pending = [];
    return whole;
  }

  /** What has come of a line that has no end. */
  rest(): Uint8Array | undefined {
    const pending = this.#pending;
    this.#pending = [];
    return pending.length > 0 ? Buffer.concat(pending) : undefined;
  }
}

/** "web-1" of "PROJECT-web-1"; a name of its own as it is. */
export function shortName(project: Named, name: string): string {
  const prefix = namedAfter(project, "");
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}
