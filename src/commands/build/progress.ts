/**
 * Build events as text, the way BuildKit shows them: `plain` prints every line once, `tty` redraws a block of steps with
 * the last lines of what runs. Pure: the caller writes what comes back, and gives the time.
 */
import type { BuildEvent, BuildLogEvent, BuildStatusEvent, BuildStepEvent } from "../../../engine/index.ts";
import { humanSize } from "../../format/size.ts";
import { createTtyRenderer } from "./progress-tty.ts";

export interface BuildRenderer {
  /** Text to write for an event, "" for none. */
  event(event: BuildEvent): string;
  /** Redraws what shows elapsed time; "" in plain mode. @param now ms since the epoch */
  tick(now: number): string;
  /** What closes the display: the output of the steps that failed. */
  end(): string;
}

/** @param columns of the terminal; a long line is cut there in tty mode */
export function createBuildRenderer(mode: "plain" | "tty", columns = 80): BuildRenderer {
  return mode === "tty" ? createTtyRenderer(columns) : createPlainRenderer();
}

/** "1.2s" */
export function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)}s`;
}

/** A counter's line: "transferring context: 2.15MB / 4MB". */
export function statusText({ name, current, total, unit }: BuildStatusEvent): string {
  const show = (count: number) => (unit === "bytes" ? humanSize(count) : String(count));
  if (!current && !total) return name;
  return `${name} ${show(current)}${total ? ` / ${show(total)}` : ""}`;
}

/** Output of a step as whole lines; the rest waits for its line end. Escape sequences and the like become visible. */
export class LineBuffer {
  #decoder = new TextDecoder();
  #rest = "";

  push(data: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(data, { stream: true })).split(/\r?\n/);
    this.#rest = lines.pop() ?? "";
    return lines.map(visible);
  }

  flush(): string[] {
    const rest = this.#rest;
    this.#rest = "";
    return rest === "" ? [] : [visible(rest)];
  }
}

/**
 * Of a line that overwrites itself (progress bars use CR) the last state counts. Colours stay; every other control
 * could move the cursor out of the step's own lines.
 */
function visible(line: string): string {
  const shown = line.slice(line.lastIndexOf("\r", line.length - 2) + 1).replace(/\r$/, "");
  return shown.replace(/\x1b\[[0-9;]*m|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]/g, (control) =>
    /^\x1b\[[0-9;]*m$/.test(control) ? control : "",
  );
}

/** How many lines of a failed step are repeated at the end. */
const tailLines = 25;

/** The last lines of failed steps, framed as BuildKit does. */
export class FailureTails {
  #lines = new Map<string, { name: string; lines: string[] }>();
  #failed: string[] = [];

  named(id: string, name: string): void {
    if (!this.#lines.has(id)) this.#lines.set(id, { name, lines: [] });
  }

  line(id: string, text: string): void {
    const lines = this.#lines.get(id)?.lines;
    if (!lines) return;
    lines.push(text);
    if (lines.length > tailLines) lines.shift();
  }

  fail(id: string): void {
    this.#failed.push(id);
  }

  text(): string {
    const frames = this.#failed.map((id) => this.#lines.get(id)).filter((step) => step !== undefined);
    if (frames.length === 0) return "";
    return `${frames.map(({ name, lines }) => `------\n > ${name}:\n${lines.map((line) => `${line}\n`).join("")}`).join("")}------\n`;
  }
}

interface PlainStep {
  number: number;
  name: string;
  started: number;
  output: LineBuffer;
}

/** One line per fact; a step that goes on after another one spoke is introduced again. */
function createPlainRenderer(): BuildRenderer {
  const steps = new Map<string, PlainStep>();
  const tails = new FailureTails();
  let current: PlainStep | undefined;

  /** Lines of a step, after its heading when another one spoke last. */
  const speak = (step: PlainStep, lines: string[]): string => {
    const heading = step === current ? "" : `${current ? "\n" : ""}#${step.number} ${step.name}\n`;
    current = step;
    return heading + lines.map((line) => `#${step.number} ${line}\n`).join("");
  };
  const logLines = (step: PlainStep, id: string, lines: string[], now: number): string[] =>
    lines.map((line) => {
      const text = `${((now - step.started) / 1000).toFixed(3)} ${line}`;
      tails.line(id, text);
      return text;
    });

  const onStep = (event: BuildStepEvent): string => {
    let step = steps.get(event.id);
    if (!step) {
      steps.set(event.id, (step = { number: steps.size + 1, name: event.name, started: event.time, output: new LineBuffer() }));
      tails.named(event.id, event.name);
    }
    if (event.status === "started") return speak(step, []);
    const rest = logLines(step, event.id, step.output.flush(), event.time);
    if (event.status === "failed") tails.fail(event.id);
    const text = speak(step, [...rest, verdict(event, step.started)]);
    return text;
  };
  const onLog = (event: BuildLogEvent): string => {
    const step = steps.get(event.id);
    const lines = step ? step.output.push(event.data) : [];
    return step && lines.length > 0 ? speak(step, logLines(step, event.id, lines, Date.now())) : "";
  };
  return {
    event(event) {
      if (event.type === "step") return onStep(event);
      if (event.type === "step-log") return onLog(event);
      if (event.type !== "step-status" || !event.done) return "";
      const step = steps.get(event.id);
      return step ? speak(step, [`${statusText(event)} done`]) : "";
    },
    tick: () => "",
    end: () => {
      const text = tails.text();
      return steps.size > 0 && text ? `\n${text}` : text;
    },
  };
}

function verdict(event: BuildStepEvent, started: number): string {
  switch (event.status) {
    case "cached":
      return "CACHED";
    case "failed":
      return `ERROR: ${event.error ?? "failed"}`;
    case "cancelled":
      return "CANCELED";
    default:
      return `DONE ${seconds(event.time - started)}`;
  }
}
