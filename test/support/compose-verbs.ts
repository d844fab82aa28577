/** Verbs of `compose` on an engine in memory: what they tell, print and end with. */
import { PassThrough, Readable } from "node:stream";
import type { EngineError } from "../../engine/errors.ts";
import type { Engine, ProgressEvent } from "../../engine/index.ts";
import type { Context } from "../../src/commands/command.ts";
import { execute } from "../../src/commands/execute.ts";
import { presentResult, presentRow } from "../../src/present.ts";
import { container } from "./fake-engine.ts";

export interface Told {
  events: ProgressEvent[];
  /** What stands on standard output. */
  text: string;
  result?: unknown;
  /** Of the error that ended it. */
  message?: string;
  exit?: number;
}

/** Runs a line that begins after `compose`. */
export async function runVerb(engine: Engine, cwd: string, ...line: string[]): Promise<Told> {
  const streams = { stdin: Readable.from([]), stdout: new PassThrough(), stderr: new PassThrough() };
  const io = { streams, confirm: async () => true, cwd, env: {} };
  const running = execute({ engine, io, signal: new AbortController().signal } as unknown as Context, ["compose", ...line]);
  const events: ProgressEvent[] = [];
  try {
    for (;;) {
      const step = await running.next();
      if (!step.done) events.push(step.value);
      else {
        const { spec, input, result } = step.value;
        const rows = events.flatMap((event) => (event.type === "row" ? [presentRow(spec, input, event.value)] : []));
        return { events, result, text: [...(await Promise.all(rows)), await presentResult(spec, input, result)].join("") };
      }
    }
  } catch (error) {
    const { exit, message } = error as EngineError;
    return { events, text: "", message, exit };
  }
}

/** A container of a project, as its labels say. */
export function projectContainer(name: string, change: Parameters<typeof container>[1] = {}, more: Record<string, string> = {}) {
  const [project, service, number] = name.split("-");
  const Labels = Object.fromEntries(
    Object.entries({ project, service, "container-number": number, oneoff: "False", ...more }).map(([key, value]) => [
      `com.docker.compose.${key}`,
      value!,
    ]),
  );
  return container(name, { Labels, ...change });
}
