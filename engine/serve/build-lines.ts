/** A build's events in the words of docker's classic builder, which its clients show and search. */
import type { BuildResult } from "../build/index.ts";
import type { BuildEvent, BuildStepEvent } from "../events.ts";
import type { JsonLines } from "./json-progress.ts";

export class BuildLines {
  readonly #lines: JsonLines;
  readonly #quiet: boolean;

  /** @param quiet nothing is told but the result */
  constructor(lines: JsonLines, quiet: boolean) {
    this.#lines = lines;
    this.#quiet = quiet;
  }

  async follow(build: AsyncGenerator<BuildEvent, BuildResult>): Promise<BuildResult> {
    for (;;) {
      const step = await build.next();
      if (step.done) return step.value;
      const text = this.#quiet ? undefined : textOf(step.value);
      if (text) await this.#lines.write({ stream: text });
    }
  }
}

/** "Step 2/5 : RUN make", " ---> Using cache", and what a step wrote; undefined for what docker does not tell. */
function textOf(event: BuildEvent): string | undefined {
  if (event.type === "step-log") return Buffer.from(event.data).toString("utf8");
  if (event.type === "warning") return `[Warning] ${event.text}\n`;
  if (event.type !== "step") return undefined;
  return stepText(event);
}

function stepText({ name, status }: BuildStepEvent): string | undefined {
  const [, stage, number, total, text] = /^\[(?:(\S+) )?(\d+)\/(\d+)\] (.*)$/s.exec(name) ?? [];
  if (number === undefined || (status !== "started" && status !== "cached")) return undefined;
  const isBase = text?.startsWith("FROM ");
  const line = `Step ${number}/${total}${stage ? ` [${stage}]` : ""} : ${text?.replace(/^FROM docker\.io\/(library\/)?/, "FROM ")}\n`;
  if (isBase) return line; // a base image is not called cached
  return status === "cached" ? `${line} ---> Using cache\n` : line;
}
