/** Logs: what a host sends in pieces as entries, at the reader's pace. */
import type { LogEntry, LogsOptions } from "../../container/index.ts";
import type { WireAnswer } from "../../http/wire.ts";
import { type Link, segment } from "../link/link.ts";
import { Demux, type Kind } from "./demux.ts";
import { inspectContainer } from "./shapes.ts";

/** docker's: RFC 3339 with nine digits of a second. */
const stamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) /;
const longestStamp = 40;
const lineEnd = 0x0a;

const toText = (nanoseconds: bigint | undefined) =>
  nanoseconds === undefined ? undefined : `${nanoseconds / 1_000_000_000n}.${String(nanoseconds % 1_000_000_000n).padStart(9, "0")}`;

/** See container/index.ts. */
export async function* readLogs(link: Link, ref: string, options: LogsOptions = {}): AsyncGenerator<LogEntry[]> {
  const { follow = false, since, until, tail, joined = false, signal } = options;
  const { Id, Config } = await inspectContainer(link, ref);
  const query = {
    stdout: true,
    stderr: true,
    follow,
    timestamps: !joined,
    since: toText(since),
    until: toText(until),
    tail: tail ?? "all",
  };
  try {
    const answer = await link.request("GET", `/containers/${segment(Id)}/logs`, { query, signal, takesLong: true });
    yield* joined ? joinedEntries(link, answer, Config.Tty) : entries(link, answer, Config.Tty);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

async function* joinedEntries(link: Link, answer: WireAnswer, tty: boolean): AsyncGenerator<LogEntry[]> {
  const demux = new Demux();
  const entry = (stream: Kind, data: Buffer): LogEntry => ({ stream, time: "", data, partial: true });
  for await (const chunk of link.bytes(answer)) {
    const found = tty
      ? [entry("stdout", chunk)]
      : link.reading(() => [...demux.push(chunk)].map(({ stream, data }) => entry(stream, data)));
    if (found.length > 0) yield found;
  }
  checkEnd(link, answer, demux);
}

async function* entries(link: Link, answer: WireAnswer, tty: boolean): AsyncGenerator<LogEntry[]> {
  const demux = new Demux();
  const lines = { stdout: new LogLines("stdout"), stderr: new LogLines("stderr") };
  for await (const chunk of link.bytes(answer)) {
    const found = tty
      ? lines.stdout.push(chunk, true)
      : link.reading(() => [...demux.push(chunk)].flatMap(({ stream, data, goesOn }) => lines[stream].push(data, goesOn)));
    if (found.length > 0) yield found;
  }
  checkEnd(link, answer, demux);
  const rest = [...lines.stdout.end(), ...lines.stderr.end()];
  if (rest.length > 0) yield rest;
}

function checkEnd(link: Link, { signal }: WireAnswer, demux: Demux): void {
  if (demux.isWhole) return;
  throw link.explain(Object.assign(new Error("the log ends in the middle of a piece"), { code: "ECONNRESET" }), signal);
}

/**
 * Lines of a stream, each behind its time. What has no line end is a part of a line; further parts have a time of their own (docker), or
 * none (berth).
 */
export class LogLines {
  readonly #stream: Kind;
  #rest: Buffer = Buffer.alloc(0);
  #time = "";
  #isOpen = false;

  constructor(stream: Kind) {
    this.#stream = stream;
  }

  /** @param goesOn what is left without a line end may have its own still to come */
  push(data: Buffer, goesOn: boolean): LogEntry[] {
    const whole = this.#rest.length > 0 ? Buffer.concat([this.#rest, data]) : Buffer.from(data);
    const found: LogEntry[] = [];
    let at = 0;
    for (let end = whole.indexOf(lineEnd); end >= 0; end = whole.indexOf(lineEnd, at)) {
      found.push(this.#entry(whole.subarray(at, end), false));
      at = end + 1;
    }
    this.#rest = whole.subarray(at);
    if (!goesOn) found.push(...this.end());
    return found;
  }

  end(): LogEntry[] {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest.length > 0 ? [this.#entry(rest, true)] : [];
  }

  #entry(text: Buffer, partial: boolean): LogEntry {
    const [whole = "", time] = stamp.exec(text.subarray(0, longestStamp).toString("latin1")) ?? [];
    const isPart = this.#isOpen && time === undefined;
    if (time !== undefined) this.#time = time;
    this.#isOpen = partial;
    const data = isPart ? text : text.subarray(whole.length);
    return { stream: this.#stream, time: this.#time, data, ...(partial && { partial }) };
  }
}
