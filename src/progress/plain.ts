/** Progress as lines, for files and pipes: BuildKit's `#3 [stage 2/5] RUN …`, and one line per change of a transfer. */
import type { BuildStatusEvent, BuildStepEvent, ProgressEvent, TransferEvent, WarningEvent } from "../../engine/events.ts";
import { neutralise, neutraliseLine } from "../format/neutral.ts";
import { humanSize } from "../format/size.ts";
import { reportWarning } from "../report.ts";
import type { Progress, Screen } from "./index.ts";
import { resourceText } from "./resources.ts";
import { type Step, Steps, seconds } from "./steps.ts";
import { isLint, lintSummary } from "./warnings.ts";

export class PlainProgress implements Progress {
  readonly #screen: Screen;
  readonly #steps = new Steps();
  /** Transfer id → the status that was printed last. */
  readonly #transfers = new Map<string, string>();
  /** The step of the last line: a blank line stands between two of them. */
  #last: Step | undefined;
  #named = new Set<string>();
  readonly #lint: WarningEvent[] = [];

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  event(event: ProgressEvent): void {
    switch (event.type) {
      case "step":
        this.#step(event);
        return;
      case "step-log": {
        const { lines, step } = this.#steps.log(event);
        this.#log(step, lines);
        return;
      }
      case "step-status":
        this.#status(event);
        return;
      case "transfer":
        this.#transfer(event);
        return;
      case "resource":
        this.#screen.write(`${neutraliseLine(resourceText(event))}\n`);
        return;
      case "warning":
        if (isLint(event)) this.#lint.push(event);
        else this.#screen.write(reportWarning(event, this.#screen.paint));
        return;
    }
  }

  #line(step: Step, text: string): void {
    const gap = this.#last && this.#last !== step ? "\n" : "";
    this.#last = step;
    const name = this.#named.has(step.id) ? "" : `#${step.number} ${neutraliseLine(step.name)}\n`;
    this.#named.add(step.id);
    this.#screen.write(`${gap}${name}${text ? `#${step.number} ${neutralise(text)}\n` : ""}`);
  }

  #step(event: BuildStepEvent): void {
    const step = this.#steps.step(event);
    if (event.status === "started") {
      this.#line(step, "");
      return;
    }
    this.#log(step, this.#steps.rest(step, event.time));
    if (event.status === "cached") this.#line(step, "CACHED");
    else if (event.status === "cancelled") this.#line(step, "CANCELED");
    else if (event.status === "failed") this.#line(step, `ERROR: ${event.error ?? "failed"}`);
    else this.#line(step, `DONE ${seconds(event.time - step.started)}`);
  }

  #log(step: Step, lines: Step["log"]): void {
    for (const { seconds: at, text } of lines) this.#line(step, `${at.toFixed(3)} ${text}`);
  }

  #status(event: BuildStatusEvent): void {
    const step = this.#steps.counter(event);
    if (!event.done) return;
    const amount = event.unit === "bytes" ? humanSize(event.current) : String(event.current);
    // "writing image sha256:…" counts nothing.
    this.#line(step, `${event.name}${event.current || event.unit ? ` ${amount}` : ""} done`);
  }

  #transfer({ id, status }: TransferEvent): void {
    if (this.#transfers.get(id) === status) return;
    this.#transfers.set(id, status);
    this.#screen.write(`${neutraliseLine(id ? `${id}: ${status}` : status)}\n`);
  }

  close(): void {
    for (const step of this.#steps.failed) {
      if (step.log.length === 0) continue; // its error says it all
      this.#screen.write(
        `------\n > ${neutraliseLine(step.name)}:\n${step.log
          .slice(-20)
          .map((line) => `${line.seconds.toFixed(3)} ${neutralise(line.text)}\n`)
          .join("")}------\n`,
      );
    }
    if (this.#lint.length > 0) this.#screen.write(lintSummary(this.#lint));
  }
}
