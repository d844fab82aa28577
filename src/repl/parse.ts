/**
 * Statements of the session's language: which words are the language's own, which are a command line, and which
 * statements form a block. Pure. The language is described for its users in language.ts.
 */

import { nearest } from "../../engine/suggest.ts";
import { parseMilliseconds } from "../format/duration.ts";
import { Source } from "./parse-check.ts";
import { bare, type Located, type Option, options, type Parsed } from "./statement.ts";
import { lex, literal, type Statement, type Word } from "./words.ts";

/** Parses a source into statements. @throws EngineError `syntax`, located; `details.incomplete` when more lines could mend it */
export function parse(source: string, file = "line"): Parsed[] {
  return new Parser(new Source(source, file), lex(source, file)).block();
}

/** Statements of some kinds without their places. */
type Body<Kind extends Parsed["kind"], Each = Parsed> = Each extends {
  kind: Parsed["kind"];
}
  ? Each["kind"] & Kind extends never
    ? never
    : Omit<Each, keyof Located>
  : never;

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

class Parser {
  readonly #source: Source;
  /** What is left to parse; the rest of a line after a brace comes back to its head. */
  readonly #queue: Statement[];
  #loops = 0;
  #blocks = 0;
  /** Where the last closed block ends. */
  #closed = 0;

  constructor(source: Source, statements: Statement[]) {
    this.#source = source;
    this.#queue = statements;
  }

  /** Statements up to the end, or up to the brace that closes what `opener` opened. */
  block(opener?: Word): Parsed[] {
    const list: Parsed[] = [];
    for (;;) {
      const statement = this.#queue.shift();
      if (!statement) {
        if (opener) throw this.#source.fail("this block is not closed: } is missing", opener.start, undefined, true);
        return list;
      }
      const [first, ...rest] = statement.words as [Word, ...Word[]];
      if (bare(first) === "}") {
        if (!opener) throw this.#source.fail("there is no block that this } closes", first.start);
        this.#closed = first.end;
        this.#putBack(rest);
        return list;
      }
      list.push(this.#statement(statement.words));
    }
  }

  #putBack(words: Word[]): void {
    if (words.length > 0)
      this.#queue.unshift({
        words,
        start: words[0]!.start,
        end: words.at(-1)!.end,
      });
  }

  #statement(words: Word[]): Parsed {
    const first = words[0]!;
    const control = this.#control(first, words.slice(1));
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
    return {
      ...this.#simple(first, own.slice(1), own),
      start: first.start,
      end: own.at(-1)!.end,
    } as Parsed;
  }

  #control(first: Word, rest: Word[]): Body<"if" | "while" | "for" | "repeat"> | undefined {
    switch (bare(first)) {
      case "if":
        return this.#if(first, rest);
      case "while": {
        const { header, body } = this.#braced(first, rest, true);
        return { kind: "while", test: this.#source.test(first, header), body };
      }
      case "for": {
        const { header, body } = this.#braced(first, rest, true);
        const [name, sign, ...words] = header;
        if (!identifier.test(bare(name)) || bare(sign) !== "in")
          throw this.#source.fail('for needs "NAME in WORDS… { … }"', name?.start ?? first.end, "for name in a b c { … }");
        return { kind: "for", name: bare(name), words, body };
      }
      case "repeat":
        return this.#repeat(first, rest);
      case "watch": {
        const every = /^\d/.test(bare(rest[0])) ? parseMilliseconds(bare(rest[0])) : undefined;
        return {
          kind: "repeat",
          count: undefined,
          every: every ?? 2000,
          body: this.#loopBody(first, every === undefined ? rest : rest.slice(1), "a statement"),
        };
      }
      default:
        return undefined;
    }
  }

  #if(first: Word, rest: Word[]): Body<"if"> {
    const { header, body } = this.#braced(first, rest, false);
    const test = this.#source.test(first, header);
    const [next] = this.#queue;
    if (bare(next?.words[0]) !== "else") return { kind: "if", test, body, otherwise: [] };
    this.#queue.shift();
    const [word, ...after] = next!.words as [Word, ...Word[]];
    if (bare(after[0]) === "if") return { kind: "if", test, body, otherwise: [this.#statement(after)] };
    const { header: extra, body: otherwise } = this.#braced(word, after, false);
    if (extra.length > 0) throw this.#source.fail('expected "{" or "if" after else', extra[0]!.start);
    return { kind: "if", test, body, otherwise };
  }

  #repeat(first: Word, rest: Word[]): Body<"repeat"> {
    const [count, ...words] = this.#source.some(rest, first, "a number and a statement") as [Word, ...Word[]];
    if (bare(words[0]) !== "every")
      return {
        kind: "repeat",
        count,
        every: undefined,
        body: this.#loopBody(first, words, "a number and a statement"),
      };
    const every = parseMilliseconds(bare(words[1]));
    if (every === undefined) throw this.#source.fail("every needs a duration such as 2s", words[1]?.start ?? words[0]!.end);
    return {
      kind: "repeat",
      count,
      every,
      body: this.#loopBody(first, words.slice(2), "a statement"),
    };
  }

  /** One statement, or a block of them. */
  #loopBody(first: Word, words: Word[], what: string): Parsed[] {
    this.#source.some(words, first, what);
    if (bare(words[0]) === "{") return this.#braced(first, words, true).body;
    this.#loops++;
    const body = [this.#statement(words)];
    this.#loops--;
    return body;
  }

  /** The words before "{", and the statements up to "}". */
  #braced(first: Word, words: Word[], isLoop: boolean): { header: Word[]; body: Parsed[] } {
    const open = words.findIndex((word) => bare(word) === "{");
    if (open < 0) throw this.#source.fail(`${literal(first)} needs a block: { … }`, words.at(-1)?.end ?? first.end);
    this.#putBack(words.slice(open + 1));
    this.#blocks++;
    if (isLoop) this.#loops++;
    const body = this.block(words[open]);
    this.#blocks--;
    if (isLoop) this.#loops--;
    return { header: words.slice(0, open), body };
  }

  #simple(first: Word, rest: Word[], words: Word[]): Body<Parsed["kind"]> {
    const source = this.#source;
    const session = () => source.session(rest[0], first);
    switch (bare(first)) {
      case "let":
        return this.#let(first, rest);
      case "expect":
        return source.test(first, rest);
      case "spawn":
        return {
          kind: "spawn",
          session: session(),
          command: source.some(rest.slice(1), first, "a command line"),
        };
      case "send":
      case "sendline":
        return {
          kind: "send",
          session: session(),
          words: rest.slice(1),
          enter: bare(first) === "sendline",
        };
      case "resize":
        return {
          kind: "resize",
          session: session(),
          size: source.some(rest.slice(1), first, "a size such as 120x40")[0]!,
        };
      case "screen":
        return { kind: "screen", session: session() };
      case "close":
        return { kind: "close", session: session() };
      case "print":
        return { kind: "print", words: source.command(words) };
      default:
        return this.#sessionStatement(first, rest, words);
    }
  }

  #sessionStatement(first: Word, rest: Word[], words: Word[]): Body<Parsed["kind"]> {
    const source = this.#source;
    const keyword = bare(first);
    switch (keyword) {
      case "sleep":
        return {
          kind: "sleep",
          duration: source.some(rest, first, "a duration such as 500ms")[0]!,
        };
      case "source":
        return { kind: "source", path: source.some(rest, first, "a file")[0]! };
      case "set":
        return this.#set(first, rest);
      case "record":
        return {
          kind: "record",
          path: bare(rest[0]) === "off" ? undefined : source.some(rest, first, 'a file, or "off"')[0]!,
        };
      case "cd":
        return {
          kind: "cd",
          directory: source.some(rest, first, "a directory")[0]!,
        };
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
      default:
        return { kind: "command", words: source.command(words) };
    }
  }

  #set(first: Word, [name, value]: Word[]): Body<"set"> {
    const option = bare(name);
    if (!(options as readonly string[]).includes(option))
      throw this.#source.fail(`set needs one of ${options.join(", ")}`, name?.start ?? first.end, nearest(option, options));
    if (!["on", "off"].includes(bare(value))) throw this.#source.fail(`set ${option} needs on or off`, value?.start ?? name!.end);
    return { kind: "set", option: option as Option, on: bare(value) === "on" };
  }

  #let(first: Word, words: Word[]): Body<"let"> | Body<"assign"> {
    const [nameWord, sign, ...rest] = words;
    const name = bare(nameWord);
    if (!identifier.test(name))
      throw this.#source.fail("let needs a name of letters, digits and underscores", nameWord?.start ?? first.end);
    const operator = bare(sign);
    if (operator !== "=" && operator !== ":=")
      throw this.#source.fail(`let ${name} needs "= COMMAND" or ":= TEXT"`, sign?.start ?? nameWord!.end, `let ${name} = …`);
    this.#source.some(rest, sign!, operator === "=" ? "a command line" : "a text");
    return operator === "=" ? { kind: "let", name, command: this.#source.command(rest) } : { kind: "assign", name, words: rest };
  }
}
