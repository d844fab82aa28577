/** Conditions: what `expect`, `if` and `while` ask. Pure. */
import type { EngineError } from "../../engine/errors.ts";
import { parseMilliseconds } from "../format/duration.ts";
import { isOperator, type Operator } from "./condition.ts";
import { plumb } from "./plumbing.ts";
import { bare, type Check, type Test } from "./statement.ts";
import { literal, syntaxError, type Word } from "./words.ts";

/** The source that words come from: errors point into it. */
export class Source {
  readonly text: string;
  readonly file: string;

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
  }

  fail(message: string, offset: number, suggestion?: string, incomplete = false): EngineError {
    return syntaxError(message, this.text, this.file, offset, {
      suggestion,
      incomplete,
    });
  }

  /** @throws EngineError `syntax` when there are no words */
  some(words: Word[], after: Word, what: string): Word[] {
    if (words.length === 0) throw this.fail(`${literal(after)} needs ${what}`, after.end);
    return words;
  }

  /** A leading "berth" may stay, so that lines can be pasted; the shell's jobs and lists may not. */
  command(words: Word[]): Word[] {
    const command = bare(words[0]) === "berth" && words.length > 1 ? words.slice(1) : words;
    for (const word of command)
      if (/^(\d+(>>?|<)(&\d|.*)|\|\||&&?|[>&]{2,}.*)$/.test(bare(word)) && bare(word) !== ">>")
        throw this.fail(
          `${bare(word)} belongs to the shell: this language joins commands by | > >> < << only`,
          word.start,
          `'${bare(word)}'`,
        );
    plumb(command, (message, word) => this.fail(message, word.start));
    if (bare(command[0]) === "!" && command.length === 1) throw this.fail("! needs a program of this host", command[0]!.end);
    return command;
  }

  session(word: Word | undefined, after: Word): string {
    const name = bare(word);
    if (/^@[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) return name.slice(1);
    throw this.fail(`${literal(after)} needs a session such as @shell`, word?.start ?? after.end, name ? `@${name}` : undefined);
  }

  /** `[TIMEOUT] [not] CHECK` after the keyword. */
  test(first: Word, all: Word[]): Test {
    const timeout = /^[\d.]/.test(bare(all[0])) ? parseMilliseconds(bare(all[0])) : undefined;
    const words = this.some(timeout === undefined ? all : all.slice(1), first, "a condition");
    const place = {
      start: first.start,
      end: all.at(-1)!.end,
      inline: this.text.slice(words[0]!.start, words.at(-1)!.end),
    };
    if (bare(words[0]).startsWith("@")) return { ...place, ...this.#sessionTest(words, timeout) };
    const negated = bare(words[0]) === "not";
    const check = negated ? this.some(words.slice(1), words[0]!, "a condition") : words;
    return {
      ...place,
      kind: "expect",
      timeout: timeout ?? 0,
      negated,
      ...this.#check(check),
    };
  }

  /** `@NAME PATTERN [or PATTERN]…`, `@NAME closed [== STATUS]`. */
  #sessionTest(words: Word[], timeout: number | undefined) {
    const kind = "expect-session" as const;
    const session = this.session(words[0], words[0]!);
    if (bare(words[1]) === "closed") {
      if (words[2] && bare(words[2]) !== "==") throw this.fail('expected "== STATUS" after closed', words[2].start);
      return {
        kind,
        session,
        timeout,
        closed: true,
        patterns: [],
        status: words[3],
      };
    }
    const patterns = words.slice(1).filter((_, at) => at % 2 === 0);
    const wrong = words.find((word, at) => at > 1 && at % 2 === 0 && bare(word) !== "or");
    if (wrong) throw this.fail('expected "or" between two patterns: one with blanks is quoted', wrong.start);
    if (patterns.length === 0 || words.length % 2 === 1)
      throw this.fail("a session is expected to write a pattern, or to be closed", words.at(-1)!.end);
    return {
      kind,
      session,
      timeout,
      closed: false,
      patterns,
      status: undefined,
    };
  }

  /** `fails [TEXT] CMD`, `status N CMD`, `CMD [.path] OP VALUE`, `CMD "text"`, `CMD`. */
  #check(words: Word[]): { check: Check; command: Word[] } {
    const [first, second, ...rest] = words as [Word, Word?, ...Word[]];
    if (bare(first) === "fails") {
      const withText = second?.quoted === true;
      return {
        check: { kind: "fails", text: withText ? second : undefined },
        command: this.command(this.some(words.slice(withText ? 2 : 1), first, "a command line")),
      };
    }
    if (bare(first) === "status")
      return {
        check: { kind: "status", wanted: second ?? first },
        command: this.command(this.some(rest, second ?? first, "a command line")),
      };
    const last = words.at(-1)!;
    const operator = bare(words.at(-2));
    if (words.length >= 3 && isOperator(operator)) return this.#comparison(words.slice(0, -2), operator, last);
    if (words.length >= 2 && last.quoted)
      return {
        check: {
          kind: "value",
          path: undefined,
          operator: "contains",
          wanted: last,
        },
        command: this.command(words.slice(0, -1)),
      };
    return { check: { kind: "succeeds" }, command: this.command(words) };
  }

  #comparison(left: Word[], operator: Operator, wanted: Word): { check: Check; command: Word[] } {
    const path = /^\.[A-Za-z_[]/.test(bare(left.at(-1))) ? bare(left.at(-1)) : undefined;
    const command = path === undefined ? left : left.slice(0, -1);
    if (command.length === 0) throw this.fail("expected a command or a variable before the condition", left[0]!.start);
    return {
      check: { kind: "value", path, operator, wanted },
      command: isValue(command) ? command : this.command(command),
    };
  }
}

/** `expect $id.State.Running == true`: one word that is a variable is a value, not a command. */
export function isValue(command: readonly Word[]): boolean {
  return command.length === 1 && command[0]!.parts.some((part) => part.kind === "variable");
}
