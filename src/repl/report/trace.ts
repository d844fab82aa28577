/** `--trace`: each statement before it runs, with its place; afterwards what came of it. On standard error. */
import { goDuration } from "../../../engine/duration.ts";
import { neutraliseLine } from "../../format/neutral.ts";
import { write } from "../../print.ts";
import { type Frame, statusOf } from "../frame/index.ts";
import { locate, type Parsed, textOf, withoutSecrets } from "../language/index.ts";
import type { Observer } from "../session.ts";
import { holdsOthers, writtenAs } from "./written.ts";

/** Characters of a value. */
const longest = 120;

export class Trace implements Observer {
  readonly #say: (line: string) => unknown;
  #depth = 0;

  constructor(say: (line: string) => unknown = (line) => write("stderr", line)) {
    this.#say = say;
  }

  begin(statement: Parsed, { text: { source, file } }: Frame): void {
    const { line, column } = locate(source, file, statement.start);
    this.#line(`${file}:${line}:${column}: ${withoutSecrets(writtenAs(statement, source), () => "***")}`);
    this.#depth++;
  }

  end(statement: Parsed, { variables }: Frame, { milliseconds, error }: Parameters<NonNullable<Observer["end"]>>[2]): void {
    this.#depth--;
    const time = goDuration(Math.round(milliseconds * 1000) * 1000);
    const bound = statement.kind === "let" || statement.kind === "assign" ? statement.name : undefined;
    if (bound !== undefined && !error)
      this.#line(`  ${bound} = ${withoutSecrets(`let ${bound} := ${textOf(variables.get(bound))}`, () => "***").slice(8 + bound.length)}`);
    if (error || !holdsOthers(statement)) this.#line(`  status ${error ? statusOf(error) : 0}, ${time}`);
  }

  #line(text: string): void {
    const line = neutraliseLine(text);
    this.#say(`${"  ".repeat(this.#depth)}${line.length > longest ? `${line.slice(0, longest)}…` : line}\n`);
  }
}
