/** What a classic builder writes, as the events of a build: "Step 2/5 : RUN make", then what the step writes. Pure but for the time. */
import type { BuildEvent } from "../../events.ts";
import type { ProgressLine } from "../images/progress.ts";
import { progressEvent } from "../images/progress.ts";

interface Step {
  id: string;
  name: string;
  isCached: boolean;
}

/** dockerd's and berth's; podman's. */
const stepLine = /^(?:Step|STEP) (\d+)\/(\d+)(?: \[([^\]]+)\])? ?: (.*?)\n?$/s;
const cachedLine = /^ *-+> Using cache/;
/** The builder's own bookkeeping. */
const asideLine = /^( ---> |Removing intermediate container |Successfully (built|tagged) |--> |COMMIT |\n?$)/;

export class BuildSteps {
  #current: Step | undefined;
  #cached = 0;
  #total = 0;

  get steps(): { total: number; cached: number } {
    return { total: this.#total, cached: this.#cached };
  }

  *take(line: ProgressLine): Generator<BuildEvent> {
    const { stream } = line;
    if (stream === "") {
      const event = progressEvent(line);
      if (event?.type === "transfer") yield event;
      return;
    }
    const [, number, total = "", stage, text] = stepLine.exec(stream) ?? [];
    if (number !== undefined) yield* this.#begin(`[${stage ? `${stage} ` : ""}${number.padStart(total.length)}/${total}] ${text}`, stream);
    else if (cachedLine.test(stream)) yield* this.#hit();
    else if (stream.startsWith("[Warning] ")) yield { type: "warning", text: stream.slice("[Warning] ".length).trimEnd() };
    else if (this.#current && !asideLine.test(stream))
      yield { type: "step-log", id: this.#current.id, stream: "stdout", data: Buffer.from(stream) };
  }

  *#begin(name: string, whole: string): Generator<BuildEvent> {
    yield* this.end("done");
    this.#total++;
    const step: Step = { id: `step-${this.#total}`, name: name.split("\n ---> ")[0]!, isCached: false };
    this.#current = step;
    yield { type: "step", id: step.id, name: step.name, status: "started", time: Date.now() };
    if (/\n *-+> Using cache/.test(whole)) yield* this.#hit();
  }

  *#hit(): Generator<BuildEvent> {
    const step = this.#current;
    if (!step || step.isCached) return;
    step.isCached = true;
    this.#cached++;
    yield { type: "step", id: step.id, name: step.name, status: "cached", time: Date.now() };
  }

  *end(status: "done" | "failed" | "cancelled", error?: string): Generator<BuildEvent> {
    const step = this.#current;
    this.#current = undefined;
    if (!step || step.isCached) return;
    yield { type: "step", id: step.id, name: step.name, status, time: Date.now(), ...(error !== undefined && { error }) };
  }
}
