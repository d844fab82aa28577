/** `berth logs`: what a container wrote. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { LogEntry, OutputEvent } from "../../../engine/index.ts";
import { parseInstant } from "../../format/time.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";

/** Milliseconds for which a signal may have to wait. */
const patience = 20;

const spec: CommandSpec<void> = command({
  summary: "Fetch the logs of a container",
  examples: [
    { line: "berth logs -f --tail 20 web", does: "Print the last 20 lines and follow what comes" },
    { line: "berth logs --since 10m -t web", does: "Print the last ten minutes, with times" },
  ],
  flags: [
    { name: "details", type: "boolean", help: "Show the attributes that --log-opt labels, env and tag name" },
    { name: "follow", short: "f", type: "boolean", help: "Follow the output" },
    { name: "since", type: "string", placeholder: "TIME", help: "Show logs since a time, or since a duration before now" },
    { name: "tail", short: "n", type: "string", default: "all", placeholder: "LINES", help: "Number of lines to show from the end" },
    { name: "timestamps", short: "t", type: "boolean", help: "Show times" },
    { name: "until", type: "string", placeholder: "TIME", help: "Show logs before a time, or before a duration before now" },
  ],
  args: [{ name: "CONTAINER", subject: "container" }],
  endless: (input) => isSet(input, "follow"),
  async *run({ engine, signal }, input) {
    const name = input.args[0]!;
    const attributes = isSet(input, "details")
      ? await (await import("./log-details.ts")).logDetails(await engine.containers.inspect(name))
      : undefined;
    const timestamps = isSet(input, "timestamps");
    const write = lineWriter(timestamps, attributes);
    const joined = !timestamps && attributes === undefined;
    let missed: string | undefined;
    const onMissed = (text: string) => void (missed = text);
    const options = { ...range(input), follow: isSet(input, "follow"), joined, onMissed, signal };
    let heard = performance.now();
    for await (const entries of engine.containers.logs(name, options)) {
      if (missed !== undefined) yield { type: "message", text: missed };
      missed = undefined;
      yield* join(entries, write);
      if (performance.now() - heard < patience) continue;
      await nextTurn(); // signals are heard while a long log is printed
      heard = performance.now();
    }
  },
});

function range(input: Input): { since?: bigint; until?: bigint; tail?: number } {
  const since = textOf(input, "since");
  const until = textOf(input, "until");
  const tail = textOf(input, "tail") ?? "all";
  return {
    since: since === undefined ? undefined : parseInstant(since, "since"),
    until: until === undefined ? undefined : parseInstant(until, "until"),
    // docker: whatever is no number is all.
    tail: /^\d+$/.test(tail) ? Number(tail) : undefined,
  };
}

const lineEnd = Buffer.from("\n");

/** Times and details begin a line, not the pieces of a long one. */
function lineWriter(timestamps: boolean, details: string | undefined): (entry: LogEntry) => Uint8Array[] {
  const open = { stdout: false, stderr: false };
  return ({ stream, time, data, partial }) => {
    const head = open[stream] ? "" : `${timestamps ? `${time} ` : ""}${details === undefined ? "" : `${details} `}`;
    open[stream] = partial ?? false;
    const parts: Uint8Array[] = head ? [Buffer.from(head), data] : [data];
    if (!partial) parts.push(lineEnd);
    return parts;
  };
}

/** The entries of a batch as output: what follows each other in one stream is one piece. */
function join(entries: readonly LogEntry[], write: (entry: LogEntry) => Uint8Array[]): OutputEvent[] {
  const pieces: { stream: LogEntry["stream"]; parts: Uint8Array[] }[] = [];
  for (const entry of entries) {
    if (pieces.at(-1)?.stream !== entry.stream) pieces.push({ stream: entry.stream, parts: [] });
    pieces.at(-1)!.parts.push(...write(entry));
  }
  return pieces.map(({ stream, parts }) => ({ type: "output", stream, data: parts.length === 1 ? parts[0]! : Buffer.concat(parts) }));
}

export default spec;
