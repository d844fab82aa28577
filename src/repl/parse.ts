/**
 * Statements of the session's language: which words are the language's own, and which are a command line. Pure.
 * The language is described for its users in language.ts.
 */
import type { EngineError } from "../../engine/errors.ts";
import { parseDuration } from "../format/duration.ts";
import { isOperator, type Operator } from "./condition.ts";
import { lex, literal, type Statement, syntaxError, type Word } from "./words.ts";

export interface Located {
  start: number;
  end: number;
}

export type Parsed = Located &
  (
    | { kind: "command"; words: Word[] }
    | { kind: "let"; name: string; command: Word[] }
    | { kind: "assign"; name: string; words: Word[] }
    | { kind: "expect"; timeout: number; check: Check; command: Word[]; inline: string }
    | {
        kind: "expect-session";
        session: string;
        timeout: number | undefined;
        pattern: Word | undefined;
        closed: boolean;
        status: Word | undefined;
      }
    | { kind: "spawn"; session: string; command: Word[] }
    | { kind: "send"; session: string; words: Word[]; enter: boolean }
    | { kind: "resize"; session: string; size: Word }
    | { kind: "close"; session: string }
    | { kind: "print"; words: Word[] }
    | { kind: "repeat"; count: Word; body: Parsed }
    | { kind: "cd"; directory: Word }
    | { kind: "vars" }
    | { kind: "exit"; status: Word | undefined }
  );

/** A statement without its place. */
type Body<Kind extends Parsed["kind"]> = Omit<Extract<Parsed, { kind: Kind }>, keyof Located>;

/** What is asked of a command: its data or text, its status, or its failure. */
export type Check =
  | { kind: "value"; path: string | undefined; operator: Operator; wanted: Word }
  | { kind: "succeeds" }
  | { kind: "status"; wanted: Word }
  | { kind: "fails"; text: Word | undefined };

/** Parses a source into statements. @throws EngineError `syntax`, located */
export function parse(source: string, file = "line"): Parsed[] {
  const parser = new StatementParser(source, file);
  return lex(source, file).map((statement) => parser.statement(statement));
}

/** A word that is neither quoted nor holds a variable, as written; "" otherwise. */
function bare(word: Word | undefined): string {
  return word && !word.quoted && word.parts.every((part) => part.kind === "text") ? literal(word) : "";
}

/** Words that begin a statement of the language's own. */
export const keywords = ["let", "expect", "spawn", "send", "sendline", "resize", "close", "print", "repeat", "cd", "vars", "exit"] as const;

class StatementParser {
  readonly #source: string;
  readonly #file: string;

  constructor(source: string, file: string) {
    this.#source = source;
    this.#file = file;
  }

  #fail(message: string, offset: number, suggestion?: string): EngineError {
    return syntaxError(message, this.#source, this.#file, offset, { suggestion });
  }

  statement({ end, start, words }: Statement): Parsed {
    const place = { start, end };
    const [first, ...rest] = words as [Word, ...Word[]];
    switch (bare(first)) {
      case "let":
        return { ...place, ...this.#let(first, rest) };
      case "expect":
        return { ...place, ...this.#expect(first, rest) };
      case "spawn":
        return {
          ...place,
          kind: "spawn",
          session: this.#session(rest[0], first),
          command: this.#some(rest.slice(1), first, "a command line"),
        };
      case "send":
      case "sendline":
        return { ...place, kind: "send", session: this.#session(rest[0], first), words: rest.slice(1), enter: bare(first) === "sendline" };
      case "resize":
        return {
          ...place,
          kind: "resize",
          session: this.#session(rest[0], first),
          size: this.#some(rest.slice(1), first, "a size such as 120x40")[0]!,
        };
      case "close":
        return { ...place, kind: "close", session: this.#session(rest[0], first) };
      case "print":
        return { ...place, kind: "print", words: rest };
      case "repeat":
        return {
          ...place,
          kind: "repeat",
          count: this.#some(rest, first, "a number and a statement")[0]!,
          body: this.#body(first, rest.slice(1)),
        };
      case "cd":
        return { ...place, kind: "cd", directory: this.#some(rest, first, "a directory")[0]! };
      case "vars":
        return { ...place, kind: "vars" };
      case "exit":
        return { ...place, kind: "exit", status: rest[0] };
      default:
        return { ...place, kind: "command", words: this.#command(words) };
    }
  }

  #some(words: Word[], after: Word, what: string): Word[] {
    if (words.length === 0) throw this.#fail(`${literal(after)} needs ${what}`, after.end);
    return words;
  }

  #body(first: Word, words: Word[]): Parsed {
    this.#some(words, first, "a number and a statement");
    return this.statement({ words, start: words[0]!.start, end: words.at(-1)!.end });
  }

  /** A leading "berth" may stay, so that lines can be pasted; the shell's operators may not. */
  #command(words: Word[]): Word[] {
    const command = bare(words[0]) === "berth" && words.length > 1 ? words.slice(1) : words;
    for (const word of command) {
      if (/^(\d*(>>?|<)(&\d)?|\||\|\||&&?)$/.test(bare(word))) {
        throw this.#fail(
          `${bare(word)} belongs to the shell: this language has no pipes, redirections or jobs`,
          word.start,
          `'${bare(word)}'`,
        );
      }
    }
    return command;
  }

  #let(first: Word, words: Word[]): Body<"let"> | Body<"assign"> {
    const [nameWord, sign, ...rest] = words;
    const name = bare(nameWord);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw this.#fail("let needs a name of letters, digits and underscores", nameWord?.start ?? first.end);
    const operator = bare(sign);
    if (operator !== "=" && operator !== ":=")
      throw this.#fail(`let ${name} needs "= COMMAND" or ":= TEXT"`, sign?.start ?? nameWord!.end, `let ${name} = …`);
    this.#some(rest, sign!, operator === "=" ? "a command line" : "a text");
    return operator === "=" ? { kind: "let", name, command: this.#command(rest) } : { kind: "assign", name, words: rest };
  }

  #session(word: Word | undefined, after: Word): string {
    const name = bare(word);
    if (/^@[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) return name.slice(1);
    throw this.#fail(`${literal(after)} needs a session such as @shell`, word?.start ?? after.end, name ? `@${name}` : undefined);
  }

  #expect(first: Word, all: Word[]): Body<"expect"> | Body<"expect-session"> {
    const timeout = /^[\d.]/.test(bare(all[0])) ? parseDuration(bare(all[0])) : undefined;
    const words = this.#some(timeout === undefined ? all : all.slice(1), first, "a condition");
    if (bare(words[0]).startsWith("@")) return this.#expectSession(words, timeout);
    const inline = this.#source.slice(words[0]!.start, words.at(-1)!.end);
    return { kind: "expect", timeout: timeout ?? 0, inline, ...this.#check(words) };
  }

  #expectSession(words: Word[], timeout: number | undefined): Body<"expect-session"> {
    const session = this.#session(words[0], words[0]!);
    const closed = bare(words[1]) === "closed";
    if (closed && words[2] && bare(words[2]) !== "==") throw this.#fail('expected "== STATUS" after closed', words[2].start);
    if (!closed && words.length !== 2)
      throw this.#fail("a session is expected to write one pattern, or to be closed", words[1]?.start ?? words[0]!.end);
    return {
      kind: "expect-session",
      session,
      timeout,
      closed,
      pattern: closed ? undefined : words[1],
      status: closed ? words[3] : undefined,
    };
  }

  /** `fails [TEXT] CMD`, `status N CMD`, `CMD [.path] OP VALUE`, `CMD "text"`, `CMD`. */
  #check(words: Word[]): { check: Check; command: Word[] } {
    const [first, second, ...rest] = words as [Word, Word?, ...Word[]];
    if (bare(first) === "fails") {
      const withText = second?.quoted === true;
      return {
        check: { kind: "fails", text: withText ? second : undefined },
        command: this.#command(this.#some(words.slice(withText ? 2 : 1), first, "a command line")),
      };
    }
    if (bare(first) === "status")
      return {
        check: { kind: "status", wanted: second ?? first },
        command: this.#command(this.#some(rest, second ?? first, "a command line")),
      };
    const last = words.at(-1)!;
    const operator = bare(words.at(-2));
    if (words.length >= 3 && isOperator(operator)) return this.#comparison(words.slice(0, -2), operator, last);
    if (words.length >= 2 && last.quoted)
      return { check: { kind: "value", path: undefined, operator: "contains", wanted: last }, command: this.#command(words.slice(0, -1)) };
    return { check: { kind: "succeeds" }, command: this.#command(words) };
  }

  #comparison(left: Word[], operator: Operator, wanted: Word): { check: Check; command: Word[] } {
    const path = /^\.[A-Za-z_[]/.test(bare(left.at(-1))) ? bare(left.at(-1)) : undefined;
    const command = path === undefined ? left : left.slice(0, -1);
    if (command.length === 0) throw this.#fail("expected a command or a variable before the condition", left[0]!.start);
    return { check: { kind: "value", path, operator, wanted }, command: this.#isValue(command) ? command : this.#command(command) };
  }

  /** `expect $id.State.Running == true`: one word that is a variable is a value, not a command. */
  #isValue(command: Word[]): boolean {
    return command.length === 1 && command[0]!.parts.some((part) => part.kind === "variable");
  }
}
