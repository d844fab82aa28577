/** Conditions: what `expect`, `if` and `while` ask. Pure. */
import type { EngineError } from "../../../engine/errors.ts";
import { editDistance } from "../../../engine/suggest.ts";
import { parseMilliseconds } from "../../format/duration.ts";
import { isOperator, isWaitCondition, type Operator, waitConditions } from "./condition.ts";
import { plumb } from "./plumbing.ts";
import { isProgramName } from "./program-name.ts";
import { bare, type Check, type Items, type Test } from "./statement.ts";
import { isLiteral, literal, syntaxError, type Word, type WordPart } from "./words.ts";

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

  /** The program's name may stay before it; the shell's jobs and lists may not. */
  command(words: Word[]): Word[] {
    const command = isProgramName(bare(words[0])) && words.length > 1 ? words.slice(1) : words;
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

  /** `WORD…`, or `(COMMAND…)`: the rows that a command gives. */
  items(words: Word[]): Items {
    const first = words[0];
    if (!first || !firstText(first)?.text.startsWith("(")) {
      const pipe = words.find((word) => bare(word) === "|");
      if (pipe) throw this.fail("what a | joins stands in parentheses, as in (ps | json .Id); '|' is a word", pipe.start, "'|'");
      return { words };
    }
    const last = words.at(-1)!;
    const closing = last.parts.at(-1);
    if (closing?.kind !== "text" || closing.quoted || !closing.text.endsWith(")"))
      throw this.fail("this parenthesis is not closed", first.start);
    const inner = words.map((word, at) => withoutEnds(word, at === 0, at === words.length - 1)).filter((word) => word !== undefined);
    return { words: [], rows: this.command(this.some(inner, first, "a command line")) };
  }

  /** `wait CONTAINER CONDITION [TIMEOUT]`; undefined where the words are those of `wait CONTAINER…`. */
  wait(words: Word[]) {
    const [, container, condition, timeout, more] = words;
    if (!container || !condition) return undefined;
    const written = bare(condition);
    if (isWaitCondition(written)) {
      if (timeout && isLiteral(timeout) && parseMilliseconds(literal(timeout)) === undefined)
        throw this.fail("wait needs a duration such as 30s after its condition", timeout.start);
      if (more) throw this.fail("wait takes a container, a condition and a duration", more.start);
      return { kind: "wait", container, condition, timeout } as const;
    }
    const isTimed = timeout !== undefined && parseMilliseconds(bare(timeout)) !== undefined && /[a-z]$/.test(bare(timeout));
    // A container may be called anything: only a letter away is a slip of the hand.
    const near = waitConditions.find((each) => editDistance(written, each, 1) === 1 && !/\d/.test(written));
    if (isTimed || written.startsWith("port:") || near !== undefined)
      throw this.fail(
        `"${literal(condition)}" is no condition: wait knows ${waitConditions.join(", ")} and port:NUMBER`,
        condition.start,
        near,
      );
    return undefined;
  }

  session(word: Word | undefined, after: Word): string {
    const name = bare(word);
    if (/^@[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) return name.slice(1);
    throw this.fail(`${literal(after)} needs a session such as @shell`, word?.start ?? after.end, name ? `@${name}` : undefined);
  }

  /** `[TIMEOUT] CHECK [and|or CHECK]…` after the keyword. */
  test(first: Word, all: Word[]): Test {
    const timeout = /^[\d.]/.test(bare(all[0])) ? parseMilliseconds(bare(all[0])) : undefined;
    const words = this.some(timeout === undefined ? all : all.slice(1), first, "a condition");
    const test = this.#either(first, words);
    const end = all.at(-1)!.end;
    if (timeout !== undefined || test.kind === "expect-session") return { ...test, start: first.start, end, timeout } as Test;
    return { ...test, start: first.start, end };
  }

  /** `assert CHECK [else TEXT…]`. */
  assertion(first: Word, words: Word[]) {
    const at = words.findIndex((word) => bare(word) === "else");
    const test = this.test(first, at < 0 ? words : words.slice(0, at));
    const message = at < 0 ? [] : this.some(words.slice(at + 1), words[at]!, "a text");
    return { kind: "assert", test, message } as const;
  }

  #either(first: Word, words: Word[]): Test {
    return this.#joined("or", words, first, (each, after) => this.#joined("and", each, after, (one) => this.#single(one)));
  }

  #joined(operator: "and" | "or", words: Word[], first: Word, parse: (words: Word[], after: Word) => Test): Test {
    const tests: Test[] = [];
    let after = first;
    for (let left = words; ; ) {
      const at = joinedAt(operator, left);
      tests.push(parse(this.some(at < 0 ? left : left.slice(0, at), after, "a condition"), after));
      if (at < 0) break;
      after = left[at]!;
      left = left.slice(at + 1);
    }
    if (tests.length === 1) return tests[0]!;
    return { kind: "expect-several", operator, tests, timeout: 0, ...this.#span(words) };
  }

  #span(words: Word[]) {
    const [start, end] = [words[0]!.start, words.at(-1)!.end];
    return { start, end, inline: this.text.slice(start, end) };
  }

  /** `[not] CHECK`. */
  #single(words: Word[]): Test {
    const place = this.#span(words);
    if (bare(words[0]).startsWith("@")) return { ...place, ...this.#sessionTest(words, undefined) };
    const negated = bare(words[0]) === "not";
    const screen = negated ? words.slice(1) : words;
    if (bare(screen[0]) === "screen" && bare(screen[1]).startsWith("@")) return { ...place, ...this.#screenTest(screen), negated };
    const check = negated ? this.some(words.slice(1), words[0]!, "a condition") : words;
    return { ...place, kind: "expect", timeout: 0, negated, ...this.#check(check) };
  }

  /** `screen @NAME [row N] OP TEXT`, `screen @NAME file PATH`. */
  #screenTest(words: Word[]) {
    const session = this.session(words[1], words[0]!);
    const isRow = bare(words[2]) === "row";
    const [sign, wanted, more] = words.slice(isRow ? 4 : 2);
    const operator = bare(sign);
    if ((!isOperator(operator) && (operator !== "file" || isRow)) || !wanted)
      throw this.fail('a screen is compared: "contains TEXT", "row 3 == TEXT", "file PATH"', sign?.start ?? words.at(-1)!.end);
    if (more) throw this.fail("one text is compared: one with blanks is quoted", more.start);
    return {
      kind: "expect-screen",
      session,
      row: isRow ? words[3] : undefined,
      operator: operator as Operator | "file",
      wanted,
      timeout: 0,
    } as const;
  }

  /** `logs CONTAINER… until PATTERN [or PATTERN]… [TIMEOUT]`; undefined where it is the command alone. */
  logsUntil(words: Word[]) {
    const at = words.findIndex((word, index) => index > 1 && bare(word) === "until");
    if (at < 0) return undefined;
    const after = this.some(words.slice(at + 1), words[at]!, "a text or a pattern");
    const last = after.at(-1)!;
    const isTimed = after.length > 1 && after.length % 2 === 0;
    if (isTimed && isLiteral(last) && parseMilliseconds(bare(last)) === undefined)
      throw this.fail('expected a duration such as 30s, or "or" between two patterns', last.start);
    const patterns = this.patterns(isTimed ? after.slice(0, -1) : after, words[at]!);
    return { kind: "logs-until", words: this.command(words.slice(0, at)), patterns, timeout: isTimed ? last : undefined } as const;
  }

  /** `PATTERN [or PATTERN]…`. */
  patterns(words: Word[], after: Word): Word[] {
    const patterns = words.filter((_, at) => at % 2 === 0);
    const wrong = words.find((word, at) => at % 2 === 1 && bare(word) !== "or");
    if (wrong) throw this.fail('expected "or" between two patterns: one with blanks is quoted', wrong.start);
    if (patterns.length === 0 || words.length % 2 === 0)
      throw this.fail("a session is expected to write a pattern, or to be closed", words.at(-1)?.end ?? after.end);
    return patterns;
  }

  /** `@NAME PATTERN [or PATTERN]…`, `@NAME closed [== STATUS]`. */
  #sessionTest(words: Word[], timeout: number | undefined) {
    const kind = "expect-session" as const;
    const session = this.session(words[0], words[0]!);
    if (bare(words[1]) === "closed") {
      const wrong = words[2] && bare(words[2]) !== "==" ? words[2] : words[4];
      if (wrong) throw this.fail('expected "== STATUS" after closed', wrong.start);
      return {
        kind,
        session,
        timeout,
        closed: true,
        patterns: [],
        status: words[3],
      };
    }
    const patterns = this.patterns(words.slice(1), words[0]!);
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
    this.#oneWanted(words);
    const last = words.at(-1)!;
    const operator = bare(words.at(-2));
    if (words.length >= 3 && isOperator(operator)) return this.#comparison(words.slice(0, -2), operator, last);
    // What `http` expects of an answer is its own.
    if (words.length >= 2 && last.quoted && bare(first) !== "http")
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

  /** Behind a variable or a field an operator compares, with one text; within a command's own words it may be anything. */
  #oneWanted(words: Word[]): void {
    const sign = words.findIndex((word, at) => at > 0 && isOperator(bare(word)) && !["<", ">"].includes(bare(word)));
    const compares = sign > 0 && !isOfFilter(words, sign) && ((sign === 1 && isValue(words.slice(0, 1))) || isPath(words[sign - 1]));
    const more = words[sign + 2];
    if (compares && more) throw this.fail("one text is compared: one with blanks is quoted, several for in are a list", more.start);
  }

  #comparison(left: Word[], operator: Operator, wanted: Word): { check: Check; command: Word[] } {
    const path = isPath(left.at(-1)) ? bare(left.at(-1)) : undefined;
    const command = path === undefined ? left : left.slice(0, -1);
    if (command.length === 0) throw this.fail("expected a command or a variable before the condition", left[0]!.start);
    return {
      check: { kind: "value", path, operator, wanted },
      command: isValue(command) ? command : this.command(command),
    };
  }
}

const isPath = (word: Word | undefined) => /^\.[A-Za-z_[]/.test(bare(word));

/** `expect ${id.State.Running} == true`: one word that holds a variable is a value, not a command. */
export function isValue(command: readonly Word[]): boolean {
  return command.length === 1 && !isLiteral(command[0]!);
}

/**
 * Where a condition ends and the next begins, by `and` or `or`; -1 where it does not. Between the patterns of a terminal `or` is
 * theirs: the next condition begins with a word of its own, or another terminal.
 */
function joinedAt(operator: "and" | "or", words: readonly Word[]): number {
  const isTerminal = bare(words[0]).startsWith("@");
  return words.findIndex((word, at) => {
    if (at === 0 || bare(word) !== operator || (isTerminal && at === words.length - 1) || isOfFilter(words, at)) return false;
    return operator === "and" || !isTerminal || bare(words[at + 1]).startsWith("@") || !isPattern(words, at + 1);
  });
}

/** `| where .A == b and .C == d`: what follows `where` up to the next | is its own. */
function isOfFilter(words: readonly Word[], at: number): boolean {
  const pipe = words.findLastIndex((word, index) => index < at && bare(word) === "|");
  return pipe >= 0 && bare(words[pipe + 1]) === "where";
}

/** A pattern is one word; what follows it joins, or is not there. */
function isPattern(words: readonly Word[], at: number): boolean {
  const next = words[at + 1];
  return words[at] !== undefined && (next === undefined || ["and", "or"].includes(bare(next)));
}

function firstText(word: Word): Extract<WordPart, { kind: "text" }> | undefined {
  const [part] = word.parts;
  return part?.kind === "text" && !part.quoted ? part : undefined;
}

/** A word without the parenthesis at its beginning or end; undefined when nothing else is in it. */
function withoutEnds(word: Word, isFirst: boolean, isLast: boolean): Word | undefined {
  const parts = word.parts.map((part) => ({ ...part }));
  const [head, tail] = [parts[0], parts.at(-1)];
  if (isFirst && head?.kind === "text") head.text = head.text.slice(1);
  if (isLast && tail?.kind === "text") tail.text = tail.text.slice(0, -1);
  const kept = parts.filter((part) => part.kind !== "text" || part.quoted || part.text !== "");
  if (kept.length === 0) return undefined;
  return { ...word, parts: kept, start: word.start + (isFirst ? 1 : 0), end: word.end - (isLast ? 1 : 0) };
}
