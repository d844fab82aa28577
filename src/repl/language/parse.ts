/**
 * Statements of the session's language: which words are the language's own, which are a command line, and which
 * statements form a block. Pure. The language is described for its users in language.ts.
 */

import type { EngineError } from "../../../engine/errors.ts";
import { nearest } from "../../../engine/suggest.ts";
import { parseMilliseconds } from "../../format/duration.ts";
import { parseBlock } from "./parse-block.ts";
import { Source } from "./parse-check.ts";
import { plumbed } from "./plumbing.ts";
import { bare, type Kind, type Located, type Option, options, type Parsed } from "./statement.ts";
import { lex, literal, type Statement, type Word } from "./words.ts";

/** Parses a source into statements. @throws EngineError `syntax`, located; `details.incomplete` when more lines could mend it */
export function parse(source: string, file = "line"): Parsed[] {
  return new Parser(new Source(source, file), lex(source, file)).block();
}

/** Statements of some kinds without their places. */
export type Body<K extends Kind, Each = Parsed> = Each extends { kind: Kind }
  ? Each["kind"] & K extends never
    ? never
    : Omit<Each, keyof Located>
  : never;

/** Milliseconds that a terminal has to show what is typed, unless said otherwise. */
const echoTimeout = 10_000;

/** Words of statements that have so many at most, their keyword among them. */
const most: Readonly<Record<string, number>> = {
  ...{ break: 1, continue: 1, vars: 1 },
  ...{ sleep: 2, source: 2, record: 2, use: 2, cd: 2, exit: 2, interact: 2, screen: 2, close: 2 },
  ...{ resize: 3, set: 3 },
};

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

const unclosed = "this block is not closed: a } between blanks is missing";

/** Blocks in blocks: deeper is a slip, or an attack on the stack. */
const deepest = 100;

export class Parser {
  readonly source: Source;
  /** What is left to parse, the next last; the rest of a line after a brace comes back to its end. */
  readonly #queue: Statement[];
  #loops = 0;
  #blocks = 0;
  #functions = 0;
  #depth = 0;
  /** Where the last closed block ends. */
  #closed = 0;

  constructor(source: Source, statements: Statement[]) {
    this.source = source;
    this.#queue = statements.reverse();
  }

  /** Statements up to the end, or up to the brace that closes what `opener` opened. */
  block(opener?: Word): Parsed[] {
    const list: Parsed[] = [];
    for (;;) {
      const statement = this.#queue.pop();
      if (!statement) {
        if (opener) throw this.source.fail(unclosed, opener.start, undefined, true);
        return list;
      }
      const first = statement.words[0]!;
      if (bare(first) === "}") {
        if (!opener) throw this.source.fail("there is no block that this } closes", first.start);
        this.#closed = first.end;
        this.#putBack(statement.words.slice(1));
        return list;
      }
      list.push(this.statement(statement.words));
    }
  }

  #putBack(words: Word[]): void {
    if (words.length > 0) this.#queue.push({ words, start: words[0]!.start, end: words.at(-1)!.end });
  }

  /** The words of statements up to the brace that closes what `opener` opened: what stands there is not parsed. */
  *within(words: Word[]): Generator<[Word, ...Word[]]> {
    const open = words.findIndex((word) => bare(word) === "{");
    this.#putBack(words.slice(open + 1));
    this.#blocks++;
    for (;;) {
      const statement = this.#queue.pop();
      if (!statement) throw this.source.fail(unclosed, words[open]!.start, undefined, true);
      if (bare(statement.words[0]) === "}") {
        this.#blocks--;
        this.#closed = statement.words[0]!.end;
        this.#putBack(statement.words.slice(1));
        return;
      }
      yield statement.words as [Word, ...Word[]];
    }
  }

  /** The words of the next statement when it begins with a keyword, which follows the } of the statement before. */
  follows(keyword: string): [Word, ...Word[]] | undefined {
    const next = this.#queue.at(-1);
    if (bare(next?.words[0]) !== keyword) return undefined;
    this.#queue.pop();
    return next!.words as [Word, ...Word[]];
  }

  statement(words: Word[]): Parsed {
    const first = words[0]!;
    if (++this.#depth > deepest) throw this.source.fail(`more than ${deepest} statements in each other`, first.start);
    const parsed = this.#placed(first, words);
    this.#depth--;
    return parsed;
  }

  #placed(first: Word, words: Word[]): Parsed {
    if (bare(first) === "{") throw this.source.fail("a block stands behind what runs it, such as if, for, try or timeout", first.start);
    const control = parseBlock(this, words);
    // Its end is that of its block, or of the one statement in place of a block.
    if (control)
      return {
        ...control,
        start: first.start,
        end: Math.max(this.#closed, ("body" in control && control.body.at(-1)?.end) || 0),
      } as Parsed;
    const close = this.#blocks > 0 ? words.findIndex((word) => bare(word) === "}") : -1;
    if (close > 0) this.#putBack(words.slice(close));
    const own = close > 0 ? words.slice(0, close) : words;
    const more = own[most[bare(first)] ?? own.length];
    if (more) throw this.source.fail(`${bare(first)} takes no more words`, more.start);
    return { ...this.#simple(first, own.slice(1), own), start: first.start, end: own.at(-1)!.end } as Parsed;
  }

  /** One statement, or a block of them. */
  body(first: Word, words: Word[], what: string, isLoop = false): Parsed[] {
    this.source.some(words, first, what);
    if (bare(words[0]) === "{") return this.braced(first, words, isLoop).body;
    return this.#within(isLoop, () => [this.statement(words)]);
  }

  /** The words before "{", and the statements up to "}". */
  braced(first: Word, words: Word[], isLoop = false): { header: Word[]; body: Parsed[] } {
    const open = words.findIndex((word) => bare(word) === "{");
    if (open < 0) throw this.#unopened(first, words);
    this.#putBack(words.slice(open + 1));
    this.#blocks++;
    const body = this.#within(isLoop, () => this.block(words[open]));
    this.#blocks--;
    return { header: words.slice(0, open), body };
  }

  #unopened(first: Word, words: Word[]): EngineError {
    const glued = words.find((word) => /^\{.|.\{$/.test(bare(word)));
    if (!glued) return this.source.fail(`${literal(first)} needs a block: { … }`, words.at(-1)?.end ?? first.end);
    const apart = bare(glued).replace(/^\{/, "{ ").replace(/\{$/, " {");
    return this.source.fail(`${literal(first)} needs a block, whose { and } stand between blanks`, glued.start, apart);
  }

  #within<Result>(isLoop: boolean, parsing: () => Result): Result {
    if (isLoop) this.#loops++;
    const result = parsing();
    if (isLoop) this.#loops--;
    return result;
  }

  /** A block that loops outside of it are not left from; one of a function may return. */
  apart<Result>(isFunction: boolean, parsing: () => Result): Result {
    const [loops, functions] = [this.#loops, this.#functions];
    [this.#loops, this.#functions] = [0, isFunction ? 1 : 0];
    const result = parsing();
    [this.#loops, this.#functions] = [loops, functions];
    return result;
  }

  /** More lines could go on with it. */
  get isAtEnd(): boolean {
    return this.#queue.length === 0;
  }

  /** Functions are the script's: a block has none of its own. */
  get isOutside(): boolean {
    return this.#blocks === 0;
  }

  identifier(word: Word | undefined, what: string, after: Word, suggestion?: string): string {
    if (identifier.test(bare(word))) return bare(word);
    throw this.source.fail(`${what} needs a name of letters, digits and underscores`, word?.start ?? after.end, suggestion);
  }

  #simple(first: Word, rest: Word[], words: Word[]): Body<Kind> {
    const source = this.source;
    const session = () => source.session(rest[0], first);
    const keyword = bare(first);
    switch (keyword) {
      case "let":
        return this.#let(first, rest);
      case "expect":
        return source.test(first, rest);
      case "assert":
        return source.assertion(first, rest);
      case "wait":
        return source.wait(words) ?? { kind: "command", words: source.command(words) };
      case "logs":
        return source.logsUntil(words) ?? { kind: "command", words: source.command(words) };
      case "http":
        return this.#request(first, rest, words);
      case "interact":
        return { kind: "interact", session: session() };
      case "return":
        if (this.#functions === 0) throw source.fail("return is not in a function", first.start);
        return { kind: "return", ...source.items(rest) };
      case "spawn":
        return { kind: "spawn", session: session(), command: source.some(rest.slice(1), first, "a command line") };
      case "send":
      case "sendline":
        return this.#send(first, rest);
      case "resize":
        return { kind: "resize", session: session(), size: source.some(rest.slice(1), first, "a size such as 120x40")[0]! };
      case "screen":
      case "close":
        return { kind: keyword, session: session() };
      case "print":
        return { kind: "print", words: source.command(words) };
      default:
        return this.#sessionStatement(first, rest, words);
    }
  }

  #sessionStatement(first: Word, rest: Word[], words: Word[]): Body<Kind> {
    const source = this.source;
    const keyword = bare(first);
    switch (keyword) {
      case "sleep":
        return { kind: "sleep", duration: source.some(rest, first, "a duration such as 500ms")[0]! };
      case "source":
        return { kind: "source", path: source.some(rest, first, "a file")[0]! };
      case "set":
        return this.#set(first, rest);
      case "record":
        return { kind: "record", path: bare(rest[0]) === "off" ? undefined : source.some(rest, first, 'a file, or "off"')[0]! };
      case "use":
        return { kind: "use", host: source.some(rest, first, "a host: an address, a context, or local")[0]! };
      case "cd":
        return { kind: "cd", directory: source.some(rest, first, "a directory")[0]! };
      case "exit":
        return { kind: "exit", status: rest[0] };
      case "break":
      case "continue":
        if (this.#loops === 0) throw source.fail(`${keyword} is not in a loop`, first.start);
        return { kind: keyword };
      case "vars":
        return { kind: "vars" };
      case "else":
        throw source.fail("there is no if before this else: it follows the } on the same line", first.start);
      case "catch":
        throw source.fail("there is no try before this catch: it follows the } on the same line", first.start);
      default:
        return { kind: "command", words: source.command(words) };
    }
  }

  /** `[echo [TIMEOUT]] @NAME TEXT…` */
  #send(first: Word, words: Word[]): Body<"send"> {
    const waits = bare(words[0]) === "echo";
    const timeout = waits ? parseMilliseconds(bare(words[1])) : undefined;
    const rest = words.slice(waits ? (timeout === undefined ? 1 : 2) : 0);
    return {
      kind: "send",
      session: this.source.session(rest[0], first),
      words: rest.slice(1),
      enter: bare(first) === "sendline",
      echo: waits ? (timeout ?? echoTimeout) : undefined,
    };
  }

  #set(first: Word, [name, value]: Word[]): Body<"set"> {
    const option = bare(name);
    if (!(options as readonly string[]).includes(option))
      throw this.source.fail(`set needs one of ${options.join(", ")}`, name?.start ?? first.end, nearest(option, options));
    if (!["on", "off"].includes(bare(value))) throw this.source.fail(`set ${option} needs on or off`, value?.start ?? name!.end);
    return { kind: "set", option: option as Option, on: bare(value) === "on" };
  }

  /** A request; joined to filters, programs and files it is a command line. */
  #request(first: Word, rest: Word[], words: Word[]): Body<"http" | "command"> {
    this.source.some(rest, first, "a method and an address");
    const { input, output, stages } = plumbed(this.source.command(words));
    if (input) throw this.source.fail("http sends what stands behind 'send', as in: http POST URL send TEXT", input.word.start);
    return output || stages.length > 0 ? { kind: "command", words } : { kind: "http", words: rest };
  }

  #let(first: Word, words: Word[]): Body<"let"> | Body<"assign"> {
    const [nameWord, sign, ...rest] = words;
    const [, glued, value] = /^([A-Za-z_]\w*):?=(.*)$/s.exec(nameWord ? literal(nameWord) : "") ?? [];
    const name = this.identifier(nameWord, "let", first, glued && `let ${glued} := ${value || "…"}`);
    const operator = bare(sign);
    if (operator !== "=" && operator !== ":=")
      throw this.source.fail(`let ${name} needs "= COMMAND" or ":= TEXT"`, sign?.start ?? nameWord!.end, `let ${name} = …`);
    this.source.some(rest, sign!, operator === "=" ? "a command line" : "a text");
    return operator === "=" ? { kind: "let", name, command: this.source.command(rest) } : { kind: "assign", name, words: rest };
  }

  /** A duration as written: blocks are timed by texts, which are known before anything runs. */
  duration(word: Word | undefined, what: string, after: Word): number {
    const milliseconds = parseMilliseconds(bare(word));
    if (milliseconds === undefined) throw this.source.fail(`${what} needs a duration such as 2s`, word?.start ?? after.end);
    return milliseconds;
  }
}
