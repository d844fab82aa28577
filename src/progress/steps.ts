/** The state of a build's steps, kept from its events; what the plain and the terminal display draw from. Pure. */
import type { BuildLogEvent, BuildStatusEvent, BuildStepEvent } from "../../engine/events.ts";

/** Lines kept of a step's output, for the report of a failed one. */
const keptLines = 400;

export interface Step {
  id: string;
  /** Its number in the output, from 1 in the order of appearance. */
  number: number;
  name: string;
  status: BuildStepEvent["status"];
  /** Milliseconds since the epoch. */
  started: number;
  ended?: number;
  error?: string;
  /** Whole lines of output, with the seconds since the start. */
  log: { seconds: number; text: string }[];
  /** Output without a line end yet. */
  partial: Record<"stdout" | "stderr", string>;
  counters: Map<string, BuildStatusEvent>;
}

export class Steps {
  readonly #steps = new Map<string, Step>();
  /** Ids of steps that failed, in order. */
  readonly failed: Step[] = [];

  all(): Step[] {
    return [...this.#steps.values()];
  }

  /** Takes a step event; the step it is about. */
  step(event: BuildStepEvent): Step {
    const step = this.#at(event.id, event.name, event.time);
    step.status = event.status;
    step.name = event.name;
    if (event.status === "started") step.started = event.time;
    else step.ended = event.time;
    if (event.status === "failed") {
      step.error = event.error;
      this.failed.push(step);
    }
    return step;
  }

  /** Takes output; the step and its new whole lines. */
  log(event: BuildLogEvent, now = event.time ?? Date.now()): { step: Step; lines: Step["log"] } {
    const step = this.#at(event.id, event.id, now);
    const pieces = (step.partial[event.stream] + Buffer.from(event.data).toString()).split("\n");
    step.partial[event.stream] = pieces.pop() ?? "";
    const seconds = (now - step.started) / 1000;
    const lines = pieces.map((text) => ({ seconds, text: lastFrame(text) }));
    step.log.push(...lines);
    if (step.log.length > keptLines) step.log.splice(0, step.log.length - keptLines);
    return { step, lines };
  }

  /** Output without a line end, when the step is over. */
  rest(step: Step, now = Date.now()): Step["log"] {
    const lines = [step.partial.stdout, step.partial.stderr]
      .filter(Boolean)
      .map((text) => ({ seconds: (now - step.started) / 1000, text: lastFrame(text) }));
    step.partial = { stdout: "", stderr: "" };
    step.log.push(...lines);
    return lines;
  }

  counter(event: BuildStatusEvent, now = Date.now()): Step {
    const step = this.#at(event.id, event.id, now);
    step.counters.set(event.name, event);
    return step;
  }

  #at(id: string, name: string, time: number): Step {
    let step = this.#steps.get(id);
    if (!step) {
      step = {
        id,
        name,
        number: this.#steps.size + 1,
        status: "started",
        started: time,
        log: [],
        partial: { stdout: "", stderr: "" },
        counters: new Map(),
      };
      this.#steps.set(id, step);
    }
    return step;
  }
}

/** A line that redraws itself with carriage returns shows as its last frame. */
function lastFrame(line: string): string {
  return line.replace(/\r+$/, "").split("\r").at(-1) ?? "";
}

/** "2.1s", "1m12s" */
export function seconds(milliseconds: number): string {
  const total = Math.max(0, milliseconds) / 1000;
  return total < 60 ? `${total.toFixed(1)}s` : `${Math.floor(total / 60)}m${String(Math.floor(total % 60)).padStart(2, "0")}s`;
}
