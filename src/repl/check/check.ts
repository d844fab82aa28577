/**
 * What is wrong with a source, found without running any of it: commands, flags, their values, counts of arguments, variables,
 * functions, terminals, and the files that it reads. What is known only when it runs is taken for right.
 */
import { dirname, resolve as resolvePath } from "node:path";
import { EngineError, type Passage, toEngineError } from "../../../engine/errors.ts";
import { nearest } from "../../../engine/suggest.ts";
import { unknownText } from "../../args.ts";
import type { Io } from "../../commands/command.ts";
import { passage, readScript, type SourceText, scriptPath, type Variables, wrongCall } from "../frame/index.ts";
import {
  bare,
  type Filter,
  filterNames,
  insteadOf,
  isLiteral,
  keywords,
  type Line,
  type Located,
  literal,
  locate,
  namesBoundBy,
  type Of,
  type Parsed,
  parse,
  pathSteps,
  plumbed,
  readRequest,
  type Stage,
  terminalsOf,
  variablesOf,
  type Word,
  wordsOf,
} from "../language/index.ts";
import { checkStatement } from "./check-statement.ts";
import { requireSense } from "./command-words.ts";

export interface Problem {
  severity: "error" | "warning";
  /** Located, with the trail of files that are read. */
  error: EngineError;
  /** Offsets in the source of its file. */
  start: number;
  end: number;
}

/** What is there already: of the session that the source will run in. */
export interface Known {
  io: Io;
  variables: Variables;
  functions: ReadonlyMap<string, { parameters: string[] }>;
  terminals: readonly string[];
  /** Does this host have a program of the name? */
  hasProgram(name: string): boolean;
  /** A file is checked, and not run: with warnings, and its arguments and environment are not known. */
  isStrict?: boolean;
}

/** Finds what is wrong, in the order of the source. */
export async function checkStatements(statements: readonly Parsed[], text: SourceText, known: Known): Promise<Problem[]> {
  const checker = new Checker(text, known);
  known.variables.declare(namesBoundBy(statements));
  await checker.source(statements);
  await checker.later();
  checker.problems.sort((one, other) => order(one) - order(other));
  return known.isStrict ? checker.problems : checker.problems.filter(({ severity }) => severity === "error");
}

/** Where in the source that is checked a problem is met. */
function order({ error: { location } }: Problem): number {
  const { line = 0, column = 0 } = location?.through?.at(-1) ?? location ?? {};
  return line * 1e6 + column;
}

const deepest = 32;

/** Programs and files that may have made what a later line reads. */
const mayWrite = /^(!|cp|export|save|record|run|exec|compose|build|container|docker)$/;

export class Checker {
  readonly problems: Problem[] = [];
  readonly #known: Known;
  #text: SourceText;
  #passages: readonly Passage[] = [];
  #names: Set<string>;
  /** Bound anywhere in the sources seen: for what runs later than it stands. */
  readonly #allNames: Set<string>;
  readonly #functions: Map<string, { parameters: string[] }>;
  readonly #terminals: Set<string>;
  /** A file that cannot be known has been read: anything may be bound. */
  #isOpen = false;
  #hasWritten = false;
  /** Statements around that may keep this one from running. */
  #conditions = 0;
  #cwd: string | undefined;
  #statement: Parsed | undefined;
  #later: (() => Promise<void>)[] = [];

  constructor(text: SourceText, known: Known) {
    this.#text = text;
    this.#known = known;
    this.#cwd = known.io.cwd;
    this.#names = new Set(known.variables.names());
    this.#allNames = new Set(this.#names);
    this.#functions = new Map(known.functions);
    this.#terminals = new Set(known.terminals);
  }

  async source(statements: readonly Parsed[]): Promise<void> {
    for (const name of namesBoundBy(statements)) this.#allNames.add(name);
    for (const statement of statements) if (statement.kind === "func") await this.#function(statement);
    await this.all(statements);
  }

  async all(statements: readonly Parsed[]): Promise<void> {
    for (const statement of statements) {
      this.#statement = statement;
      await checkStatement(this, statement);
    }
  }

  /** What may not run. */
  async perhaps(statements: readonly Parsed[]): Promise<void> {
    this.#conditions++;
    await this.all(statements);
    this.#conditions--;
  }

  /** What runs again and again: what it binds is bound when it begins anew. */
  async loop(statements: readonly Parsed[], before: () => unknown = () => {}): Promise<void> {
    this.bind(...namesBoundBy(statements));
    await before();
    await this.perhaps(statements);
  }

  async later(): Promise<void> {
    for (let next = this.#later.shift(); next; next = this.#later.shift()) await next();
  }

  /** Statements that run when more is bound than where they stand. */
  afterwards(statements: readonly Parsed[], names: readonly string[] = []): void {
    const [text, passages, here] = [this.#text, this.#passages, this.#names];
    this.#later.push(async () => {
      [this.#text, this.#passages] = [text, passages];
      const before = this.#names;
      this.#names = new Set([...here, ...this.#allNames, ...names]);
      await this.perhaps(statements);
      this.#names = before;
    });
  }

  async #function({ name, parameters, body, ...place }: Of<"func">): Promise<void> {
    const taken = keywords.includes(name) || name === "list" || (await isCommand(name));
    if (taken) this.fail(`${name} is a ${keywords.includes(name) ? "word of the language" : "command"} already`, place);
    this.#functions.set(name, { parameters });
    for (const terminal of terminalsOf(body)) this.#terminals.add(terminal);
    this.afterwards(body, parameters);
  }

  bind(...names: string[]): void {
    for (const name of names) this.#names.add(name);
  }

  spawned(terminal: string): void {
    this.#terminals.add(terminal);
  }

  terminal(name: string, statement: Located): void {
    if (this.#terminals.has(name) || this.#isOpen) return;
    const at = this.#text.source.indexOf(`@${name}`, statement.start);
    const place = at < 0 ? statement : { start: at, end: at + name.length + 1 };
    this.fail(`there is no session @${name}`, place, {
      suggestion: nearest(name, this.#terminals),
      hint: `open it with 'spawn @${name} COMMAND'`,
    });
  }

  changeDirectory(word: Word): void {
    this.words(word);
    this.#cwd = isLiteral(word) && this.#cwd !== undefined && this.#conditions === 0 ? resolvePath(this.#cwd, literal(word)) : undefined;
  }

  /** The variables of some words. */
  words(...words: readonly (Word | undefined)[]): void {
    for (const word of words)
      for (const part of word?.parts ?? []) {
        if (part.kind === "variable") this.#variable(part.path, part.offset);
        if (part.kind === "arithmetic") for (const { path, offset } of variablesOf(part.expression)) this.#variable(path, offset);
      }
  }

  #variable(path: string, offset: number): void {
    const [name = "", field = ""] = pathSteps(path);
    const place = { start: offset, end: offset + path.length + 1 };
    if (this.#names.has(name) || this.#isOpen) return;
    const { env } = this.#known.io;
    if (name === "env") {
      if (env[field] === undefined && this.#isCertain)
        this.fail(`the environment has no ${field}`, place, { suggestion: nearest(field, Object.keys(env)) });
      return;
    }
    if (/^\d+$/.test(name)) {
      if (this.#isCertain) this.fail(`there is no variable $${name}: the script has ${this.#argumentCount} arguments`, place);
      return;
    }
    if (this.#allNames.has(name)) this.fail(`$${name} is not bound yet`, place);
    else if (env[name] !== undefined) this.warn(`$${name} is the environment's: $env.${name} says so`, place);
    else this.fail(`there is no variable $${name}`, place, { suggestion: nearest(name, this.#names) });
  }

  get #argumentCount(): number {
    const args = this.#known.variables.get("args");
    return Array.isArray(args) ? args.length : 0;
  }

  /** What stands here runs, and with the arguments and the environment that are there now. */
  get #isCertain(): boolean {
    return this.#conditions === 0 && this.#known.isStrict !== true;
  }

  /** The words behind `http`. */
  request(words: readonly Word[]): void {
    const request = readRequest(words, (message, word) => this.fail(message, word));
    for (const wanted of [request?.body, ...(request?.headers.map((header) => header.wanted) ?? [])])
      if (wanted) this.regex(wanted, regexOf(wanted));
  }

  /** A word that must be of a kind where it is known. */
  literal(word: Word | undefined, isRight: (text: string) => boolean, message: (text: string) => string): void {
    this.words(word);
    if (word && isLiteral(word) && !isRight(literal(word))) this.fail(message(literal(word)), word);
  }

  /** A regular expression that must be one. @param text undefined: it is none */
  regex(word: Word, text: string | undefined): void {
    this.words(word);
    if (text === undefined) return;
    if (this.#losesBackslashes(word)) {
      const written = this.#text.source.slice(word.start, word.end);
      this.fail("a pattern with backslashes is quoted", word, { suggestion: `'${written}'` });
    } else if (isLiteral(word)) this.#expression(text, word);
  }

  /** Outside of quotes a backslash is the language's own: of /\d/ the d would be left. */
  #losesBackslashes({ start, end }: Word): boolean {
    const written = this.#text.source.slice(start, end);
    return /\\[^\s'"$;#]/.test(written) && !/['"]/.test(written);
  }

  #expression(text: string, word: Word): void {
    const [, body = text, flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
    try {
      new RegExp(body, flags.replace("g", ""));
    } catch (error) {
      this.fail((error as Error).message, word);
    }
  }

  /**
   * A command line.
   * @param isValue it gives a value: `list` is a command there
   * @param mayFail what is wrong with it is what the script is after
   */
  async line(line: Line, { isValue = false, mayFail = false } = {}): Promise<void> {
    const { words, stages, input, output } = plumbed(line);
    this.words(...words, input?.word, output?.file);
    const name = bare(words[0]);
    for (const stage of stages) this.#stage(stage);
    if (name === "!") this.#program(words[1]);
    if (output || stages.length > 0 || mayWrite.test(name)) this.#hasWritten = true;
    if (name === "http") this.request(words.slice(1));
    if (mayFail || name === "http" || name === "!" || name === "print" || (isValue && name === "list")) return;
    const own = this.#functions.get(name);
    if (own) {
      const wrong = wrongCall({ name, ...own }, words.length - 1);
      if (wrong) this.fail(wrong, words[0]!);
    } else if (isLiteral(words[0]!)) await this.#command(words);
  }

  #stage(stage: Stage): void {
    if (stage.kind === "program") {
      this.words(...stage.words);
      this.#program(stage.words[0], filterNames);
    } else this.#filter(stage.filter);
  }

  #filter(filter: Filter): void {
    this.words(...wordsOf(filter));
    if (filter.name === "first")
      this.literal(
        filter.count,
        (text) => /^\d+$/.test(text),
        (text) => `first needs a number, not "${text}"`,
      );
    if (filter.name !== "where") return;
    for (const { operator, wanted } of filter.alternatives.flat()) if (operator === "matches") this.regex(wanted, literal(wanted));
  }

  /** A program of the host may be made by a line before: that it is not there now is no more than a warning. */
  #program(word: Word | undefined, others: readonly string[] = []): void {
    if (!this.#known.isStrict || !word || !isLiteral(word)) return;
    const name = literal(word);
    if (!this.#known.hasProgram(name))
      this.warn(`there is no program "${name}" on this host`, word, { suggestion: nearest(name, others), code: "not-found" });
  }

  async #command(words: readonly Word[]): Promise<void> {
    try {
      await requireSense(words, this.#known.io);
    } catch (thrown) {
      const error = toEngineError(thrown);
      if (error.code !== "usage" && error.code !== "invalid") return; // what it meets when it runs
      if (error.message.includes(unknownText)) return;
      const index = error.details?.["word"];
      const word = words[typeof index === "number" ? index : 0] ?? words[0]!;
      const own = index === 0 ? [...(this.#statement?.kind === "command" ? keywords : []), ...this.#functions.keys()] : [];
      const suggestion = nearest(literal(word), [...own, ...(error.suggestion ? [error.suggestion] : [])]) ?? error.suggestion;
      const hint = insteadOf(this.#statement!, this.#text.source, error) ?? error.hint;
      this.fail(error.message, word, { code: error.code, hint, suggestion });
    }
  }

  /** `source FILE`: what is in the file, here. */
  async file(statement: Of<"source">): Promise<void> {
    const { path } = statement;
    this.words(path);
    if (!isLiteral(path) || this.#cwd === undefined) {
      this.#isOpen = true;
      return;
    }
    const file = literal(path);
    const [text, passages] = [this.#text, this.#passages];
    const here = passage(text, statement, `source ${file}`);
    if (passages.length >= deepest) return this.fail(`cannot read "${file}": ${deepest} files read each other already`, path);
    try {
      const from = scriptPath(file, text, this.#cwd);
      const source = this.#read(from, path);
      if (source === undefined) return;
      const statements = parse(source, file);
      [this.#text, this.#passages] = [{ source, file, directory: dirname(from) }, [here, ...passages]];
      await this.source(statements);
    } catch (thrown) {
      const error = toEngineError(thrown);
      if (error.location) error.location = { ...error.location, through: [here, ...passages] };
      this.problems.push({ severity: "error", error, start: path.start, end: path.end });
    } finally {
      [this.#text, this.#passages] = [text, passages];
    }
  }

  #read(from: string, path: Word): string | undefined {
    try {
      return readScript(from, literal(path));
    } catch (thrown) {
      const { code, hint, message, location } = toEngineError(thrown);
      if (location) throw thrown;
      // A line before may make it.
      if (this.#hasWritten || this.#conditions > 0) this.#isOpen = true;
      else this.fail(message, path, { code, hint });
      return undefined;
    }
  }

  fail(message: string, place: Located, options: { code?: EngineError["code"]; suggestion?: string; hint?: string } = {}): void {
    this.#report("error", message, place, options);
  }

  warn(message: string, place: Located, options: { code?: EngineError["code"]; suggestion?: string | undefined } = {}): void {
    this.#report("warning", message, place, options);
  }

  #report(
    severity: Problem["severity"],
    message: string,
    { start, end }: Located,
    { code = "syntax", suggestion, hint }: { code?: EngineError["code"]; suggestion?: string | undefined; hint?: string },
  ): void {
    const { source, file } = this.#text;
    const through = this.#passages.length > 0 ? { through: this.#passages } : {};
    const location = { ...locate(source, file, start), ...through };
    this.problems.push({ severity, error: new EngineError(code, message, { location, suggestion, hint, exit: 2 }), start, end });
  }
}

/** The text of a pattern that is a regular expression. */
export function regexOf(word: Word): string | undefined {
  const text = literal(word);
  return /^\/.+\/[a-z]*$/s.test(text) ? text : undefined;
}

async function isCommand(name: string): Promise<boolean> {
  const { commandNames } = await import("../../commands/table.ts");
  return commandNames().some((each) => each.split(" ")[0] === name);
}
