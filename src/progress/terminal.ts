/**
 * Progress that redraws itself: steps with their times and the last lines of what runs, transfers with bars. Draws at
 * most ten times a second, in lines cut to the terminal's width, and never more lines than fit.
 */
import type { ProgressEvent, TransferEvent, WarningEvent } from "../../engine/events.ts";
import { cellWidth, truncate } from "../format/cells.ts";
import { neutralise, neutraliseLine } from "../format/neutral.ts";
import { humanSize } from "../format/size.ts";
import { reportWarning } from "../report.ts";
import type { Progress, Screen } from "./index.ts";
import { Resources, resourceText } from "./resources.ts";
import { type Step, Steps, seconds } from "./steps.ts";
import { isLint, lintSummary } from "./warnings.ts";

const interval = 100;
/** Lines of output shown below each running step. */
const tail = 6;
const barWidth = 30;

export class TerminalProgress implements Progress {
  readonly #screen: Screen;
  readonly #steps = new Steps();
  readonly #transfers = new Map<string, TransferEvent>();
  readonly #resources = new Resources();
  readonly #lint: WarningEvent[] = [];
  readonly #started = Date.now();
  /** Lines on the screen that the next drawing replaces. */
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#timer = setInterval(() => (this.#steps.all().length > 0 || this.#resources.isActive) && this.#draw(), interval);
    this.#timer.unref();
  }

  event(event: ProgressEvent): void {
    switch (event.type) {
      case "step": {
        const step = this.#steps.step(event);
        if (event.status !== "started") this.#steps.rest(step);
        break;
      }
      case "step-log":
        this.#steps.log(event);
        break;
      case "step-status":
        this.#steps.counter(event);
        break;
      case "transfer":
        this.#transfers.set(event.id, event);
        break;
      case "resource":
        if (event.amongLines) {
          this.#above(`${neutraliseLine(resourceText(event))}\n`);
          return;
        }
        this.#resources.add(event);
        break;
      case "warning":
        if (isLint(event)) this.#lint.push(event);
        else this.#above(reportWarning(event, this.#screen.paint));
        return;
    }
    this.#soon();
  }

  #due: NodeJS.Timeout | undefined;

  #soon(): void {
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      if (!this.#closed) this.#draw();
    }, interval);
  }

  /** Text that stays, above the display. */
  #above(text: string): void {
    this.#screen.write(`${this.#erase()}${text}`);
    this.#draw();
  }

  #erase(): string {
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A\r\x1b[J` : "";
    this.#drawn = 0;
    return up;
  }

  #draw(final = false): void {
    const { columns, rows } = this.#screen.size();
    const lines = [
      ...this.#buildLines(columns, final),
      ...this.#transferLines(columns),
      ...this.#resources.lines(columns, this.#screen.paint),
    ];
    // What scrolled off the screen cannot be redrawn: show the end, and everything once it is over.
    const shown = final ? lines : lines.slice(-Math.max(4, rows - 2));
    if (lines.length > shown.length && lines[0]) shown[0] = lines[0];
    this.#screen.write(`${this.#erase()}${shown.map((line) => `${line}\n`).join("")}`);
    this.#drawn = final ? 0 : shown.length;
  }

  #buildLines(columns: number, final: boolean): string[] {
    const steps = this.#steps.all();
    if (steps.length === 0) return [];
    const { paint } = this.#screen;
    const over = steps.filter((step) => step.status !== "started").length;
    const finished = final && over === steps.length;
    const heading = `[+] Building ${seconds(Date.now() - this.#started)} (${over}/${steps.length})${finished ? " FINISHED" : ""}`;
    return [paint("bold", heading), ...steps.flatMap((step) => this.#stepLines(step, columns, final))];
  }

  #stepLines(step: Step, columns: number, final: boolean): string[] {
    const { paint } = this.#screen;
    const time = seconds((step.ended ?? Date.now()) - step.started);
    const mark = { cached: "CACHED ", failed: "ERROR ", cancelled: "CANCELED ", started: "", done: "" }[step.status];
    const left = truncate(` => ${mark}${neutraliseLine(step.name)}`, columns - time.length - 2);
    const line = left + " ".repeat(Math.max(1, columns - 1 - cellWidth(left) - time.length)) + time;
    const style =
      step.status === "failed" ? "red" : step.status === "cancelled" ? "yellow" : step.status === "started" ? undefined : "blue";
    const lines = [style ? paint(style, line) : line];
    if (step.status !== "started" || final) return lines;
    for (const { current, name, total, unit } of step.counters.values()) {
      const show = (amount: number) => (unit === "bytes" ? humanSize(amount) : String(amount));
      lines.push(paint("dim", truncate(` => => ${neutraliseLine(name)} ${show(current)}${total ? ` / ${show(total)}` : ""}`, columns - 1)));
    }
    for (const { text } of step.log.slice(-tail)) lines.push(paint("dim", truncate(` => => # ${neutraliseLine(text)}`, columns - 1)));
    return lines;
  }

  #transferLines(columns: number): string[] {
    return [...this.#transfers.values()].map((transfer) => truncate(neutraliseLine(transferText(transfer)), columns - 1));
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#due);
    this.#draw(true);
    for (const step of this.#steps.failed) {
      if (step.log.length === 0) continue; // its error says it all
      const log = step.log.slice(-20).map((line) => `${line.seconds.toFixed(3)} ${neutralise(line.text)}\n`);
      this.#screen.write(`------\n > ${neutraliseLine(step.name)}:\n${log.join("")}------\n`);
    }
    if (this.#lint.length > 0) this.#screen.write(lintSummary(this.#lint));
  }
}

/** "3f4a…: Downloading [=====>    ]  1.2MB/3.4MB" */
function transferText({ current, id, status, total }: TransferEvent): string {
  const head = id ? `${id}: ${status}` : status;
  if (current === undefined) return head;
  if (!total) return `${head} ${humanSize(current)}`;
  const filled = Math.min(barWidth, Math.floor((current / total) * barWidth));
  return `${head} [${"=".repeat(filled)}${filled < barWidth ? ">" : ""}${" ".repeat(Math.max(0, barWidth - filled - 1))}] ${humanSize(current)}/${humanSize(total)}`;
}
