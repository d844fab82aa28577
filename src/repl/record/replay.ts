/** `berth replay FILE`: runs a script and compares what its lines print with what stands below them as `#>` comments. */
import { neutralise } from "../../format/neutral.ts";
import { type Paint, put } from "../../print.ts";
import { type Frame, Kept, type Output } from "../frame/index.ts";
import { locate, type Parsed, withoutSecrets } from "../language/index.ts";
import type { Observer } from "../session.ts";
import { lineDiff } from "./line-diff.ts";
import { comparable, outputMark } from "./recording.ts";
import { secretsOfEnv } from "./volatile.ts";

/** A statement that printed something else. */
export interface Difference {
  line: number;
  command: string;
  expected: readonly string[];
  actual: readonly string[];
}

/** Lines below a statement that say what it printed, as [start, end) of the source. */
export interface Block {
  lines: string[];
  start: number;
  end: number;
}

export class Replay implements Observer, Output {
  readonly differences: Difference[] = [];
  compared = 0;
  readonly #secrets: readonly string[];
  readonly #told: (difference: Difference) => unknown;
  /** The script's own statements, not those of its blocks and of what it sources. */
  #outermost: ReadonlySet<Parsed> | undefined;
  #kept = new Kept();
  readonly #actual = new Map<Parsed, string[]>();

  /** @param told called with each difference when it is found */
  constructor(env: Record<string, string | undefined>, told: (difference: Difference) => unknown) {
    this.#secrets = secretsOfEnv(env);
    this.#told = told;
  }

  read(statements: readonly Parsed[]): void {
    this.#outermost ??= new Set(statements);
  }

  begin(statement: Parsed): void {
    if (this.#outermost?.has(statement)) this.#kept = new Kept();
  }

  put(data: string | Uint8Array, stream: "stdout" | "stderr"): unknown {
    if (stream === "stderr") return put("stderr", data);
    return this.#kept.keep(data);
  }

  async end(statement: Parsed, { text: { source, file } }: Frame, { error }: { error: unknown }): Promise<void> {
    if (error || !this.#outermost?.has(statement) || this.#actual.has(statement)) return;
    const actual = comparable(this.#kept.whole(), this.#secrets);
    this.#actual.set(statement, actual);
    const block = blockAfter(source, statement.end);
    if (block.lines.length === 0) return;
    this.compared++;
    if (block.lines.join("\n") === actual.join("\n")) return;
    const command = withoutSecrets(source.slice(statement.start, statement.end)).split("\n")[0]!;
    const difference = { line: locate(source, file, statement.start).line, command, expected: block.lines, actual };
    this.differences.push(difference);
    await this.#told(difference);
  }

  /** The script with what its lines print now below them. */
  updated(source: string): string {
    let made = source;
    for (const [statement, actual] of [...this.#actual].sort(([one], [other]) => other.end - one.end)) {
      const { start, end } = blockAfter(source, statement.end);
      const block = actual.map((line) => `${outputMark} ${line}`.trimEnd()).join("\n");
      const isLast = end >= source.length;
      const written = block === "" ? "" : `${block}\n`;
      const joint = written && start > 0 && source[start - 1] !== "\n" ? "\n" : "";
      made = made.slice(0, start) + joint + written + (isLast ? "" : made.slice(end));
    }
    return made;
  }
}

/** The `#>` lines that follow the line on which a statement ends; none where others share that line behind it. */
export function blockAfter(source: string, end: number): Block {
  const lineEnd = source.indexOf("\n", end);
  const start = lineEnd < 0 ? source.length : source[end - 1] === "\n" ? end : lineEnd + 1;
  const lines: string[] = [];
  let at = start;
  while (source.startsWith(outputMark, at)) {
    const next = source.indexOf("\n", at);
    const stop = next < 0 ? source.length : next;
    lines.push(
      source
        .slice(at + outputMark.length, stop)
        .replace(/^ /, "")
        .trimEnd(),
    );
    at = next < 0 ? source.length : next + 1;
  }
  return { lines, start, end: at };
}

/** A difference for people. */
export function shownDifference({ line, command, expected, actual }: Difference, file: string, paint: Paint): string {
  const colours = { "-": "red", "+": "green", " ": "dim" } as const;
  const changes = lineDiff(expected, actual).map(({ kind, line: text }) => paint(colours[kind], neutralise(`${kind}${text}`)));
  return `${paint("bold", neutralise(`${file}:${line}: ${command}`))}\n${changes.join("\n")}\n`;
}
