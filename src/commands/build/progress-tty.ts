/** The live display: a heading, a line per step, and the last lines of each running one; redrawn in place. Pure. */
import type { BuildEvent, BuildStatusEvent } from "../../../engine/index.ts";
import { type BuildRenderer, FailureTails, LineBuffer, seconds, statusText } from "./progress.ts";

interface LiveStep {
  name: string;
  started: number;
  ended?: number;
  state: "running" | "cached" | "done" | "failed" | "cancelled";
  output: LineBuffer;
  tail: string[];
  status: Map<string, BuildStatusEvent>;
}

/** Lines of output shown under a running step. */
const liveLines = 6;
/** Steps shown at once; older finished ones scroll out of the block. */
const liveSteps = 16;

const colours: Record<LiveStep["state"], string> = { running: "", cached: "\x1b[34m", done: "\x1b[34m", failed: "\x1b[31m", cancelled: "\x1b[33m" };
const words: Record<LiveStep["state"], string> = { running: "", cached: "CACHED ", done: "", failed: "ERROR ", cancelled: "CANCELED " };

/** @param columns of the terminal */
export function createTtyRenderer(columns: number): BuildRenderer {
  const steps = new Map<string, LiveStep>();
  const tails = new FailureTails();
  let drawn = 0;
  let began = 0;

  const take = (event: BuildEvent): void => {
    if (event.type === "step") {
      began ||= event.time;
      let step = steps.get(event.id);
      if (!step) {
        steps.set(event.id, (step = { name: event.name, started: event.time, state: "running", output: new LineBuffer(), tail: [], status: new Map() }));
        tails.named(event.id, event.name);
      }
      if (event.status === "started") return;
      keep(step, event.id, step.output.flush());
      step.state = event.status;
      step.ended = event.time;
      if (event.status === "failed") tails.fail(event.id);
    } else if (event.type === "step-log") {
      const step = steps.get(event.id);
      if (step) keep(step, event.id, step.output.push(event.data));
    } else if (event.type === "step-status") {
      steps.get(event.id)?.status.set(event.name, event);
    }
  };
  const keep = (step: LiveStep, id: string, lines: string[]): void => {
    for (const line of lines) {
      tails.line(id, line);
      step.tail.push(line);
    }
    step.tail = step.tail.slice(-liveLines);
  };
  const draw = (now: number): string => {
    const lines = blockLines([...steps.values()], now, began, columns);
    const text = `${rewind(drawn)}${lines.map((line) => `${line}\x1b[K\n`).join("")}\x1b[J`;
    drawn = lines.length;
    return text;
  };
  return {
    event(event) {
      take(event);
      return steps.size > 0 ? draw(Date.now()) : "";
    },
    tick: (now) => (steps.size > 0 ? draw(now) : ""),
    end: () => tails.text(),
  };
}

/** Back to the block's first line. */
function rewind(lines: number): string {
  return lines === 0 ? "" : `\x1b[${lines}A\r`;
}

function blockLines(steps: LiveStep[], now: number, began: number, columns: number): string[] {
  const over = steps.filter((step) => step.state !== "running").length;
  const finished = over === steps.length ? " FINISHED" : "";
  const heading = `[+] Building ${seconds((finished ? Math.max(...steps.map((step) => step.ended ?? now)) : now) - began)} (${over}/${steps.length})${finished}`;
  const shown = finished ? steps : steps.slice(-liveSteps);
  return [cut(heading, columns), ...shown.flatMap((step) => stepLines(step, now, columns))];
}

function stepLines(step: LiveStep, now: number, columns: number): string[] {
  const colour = colours[step.state];
  const head = paint(colour, aligned(` => ${words[step.state]}${step.name}`, seconds((step.ended ?? now) - step.started), columns));
  if (step.state !== "running") return [head];
  const counters = [...step.status.values()].filter((status) => !status.done).map((status) => cut(` => => ${statusText(status)}`, columns));
  return [head, ...counters, ...step.tail.map((line) => cut(` => => # ${line.replace(/\x1b\[[0-9;]*m/g, "")}`, columns))];
}

function paint(colour: string, text: string): string {
  return colour ? `${colour}${text}\x1b[0m` : text;
}

/** The time at the right edge; the name gives way. */
function aligned(left: string, right: string, columns: number): string {
  const room = Math.max(1, columns - right.length - 1);
  return `${cut(left, room).padEnd(room)} ${right}`;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : text.slice(0, Math.max(0, width - 1));
}
