/** The session's variables, and words with variables as plain words. */
import { EngineError } from "../../../engine/errors.ts";
import type { Engine } from "../../../engine/index.ts";
import { nearest } from "../../../engine/suggest.ts";
import {
  type Amount,
  amountOf,
  bare,
  calculate,
  Foreseen,
  follow,
  idOf,
  itemsOf,
  Phrase,
  pathSteps,
  syntaxError,
  textOf,
  type Word,
  type WordPart,
} from "../language/index.ts";
import { uncut } from "./place.ts";

/** Where the words stand, for errors. */
export interface SourceText {
  source: string;
  file: string;
  /** Of the file, absolute: what it reads may lie beside it. */
  directory?: string;
}

/** Plain words, and for each the word of the source that it comes from. */
export interface Expanded {
  words: string[];
  origins: Word[];
}

export class Variables {
  readonly #values = new Map<string, unknown>();
  readonly #env: Record<string, string | undefined>;
  readonly #outer: Variables | undefined;
  /** Bound somewhere in a script: the environment never stands in for them. */
  readonly #declared: Set<string>;
  #foresees = false;

  /** @param outer what is read, but never written, where this has nothing */
  constructor(env: Record<string, string | undefined>, outer?: Variables) {
    this.#env = env;
    this.#outer = outer;
    this.#declared = outer ? outer.#declared : new Set();
  }

  /** For a function, or what runs beside others: what it binds is its own. */
  inner(): Variables {
    return new Variables(this.#env, this);
  }

  /** Those of the script, outside of any function. */
  get outermost(): Variables {
    return this.#outer ? this.#outer.outermost : this;
  }

  /** From now on what a script would have bound, and what a value would have had, is foreseen where it is not there. */
  foresee(): void {
    this.#foresees = true;
  }

  get #isForeseeing(): boolean {
    return this.outermost.#foresees;
  }

  declare(names: Iterable<string>): void {
    for (const name of names) this.#declared.add(name);
  }

  set(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  has(name: string): boolean {
    return this.#values.has(name) || this.#outer?.has(name) === true;
  }

  get(name: string): unknown {
    return this.#values.has(name) ? this.#values.get(name) : this.#outer?.get(name);
  }

  names(): string[] {
    return this.entries().map(([name]) => name);
  }

  entries(): [string, unknown][] {
    return [...new Map([...(this.#outer?.entries() ?? []), ...this.#values])].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The value behind "name.path"; `engine` for fields of live objects. */
  async value(path: string, offset: number, text: SourceText, engine: Engine): Promise<unknown> {
    const [name = "", ...steps] = pathSteps(path);
    if (!this.has(name)) return this.#fromEnvironment(name, steps, offset, text);
    const value = this.get(name);
    if (name === "env") return textOf(value) + path.slice(name.length); // a script's own variable, before a dot
    const found = follow(value, steps);
    if ("value" in found) return found.value;
    const live = await inspectLive(engine, idOf(value));
    const again = live === undefined ? found : follow(live, steps);
    if ("value" in again) return again.value;
    if (this.#isForeseeing) return new Foreseen(path);
    const near = nearest(again.missing, again.known);
    throw syntaxError(`$${name} has no field "${again.missing}"`, text.source, text.file, offset, { suggestion: near });
  }

  #fromEnvironment(name: string, steps: string[], offset: number, { file, source }: SourceText): unknown {
    if (name === "env") return this.#environment(steps, offset, { file, source });
    const isOwn = this.#declared.has(name);
    const value = steps.length === 0 && !isOwn ? this.#env[name] : undefined;
    if (value !== undefined) return value;
    if (isOwn && this.#isForeseeing) return new Foreseen([name, ...steps].join("."));
    throw syntaxError(isOwn ? `$${name} is not bound yet` : `there is no variable $${name}`, source, file, offset, {
      suggestion: nearest(name, this.names()),
    });
  }

  /** `$env.NAME`. */
  #environment(steps: string[], offset: number, { file, source }: SourceText): string {
    const value = steps.length === 1 ? this.#env[steps[0]!] : undefined;
    if (value !== undefined) return value;
    const message = steps.length === 1 ? `the environment has no ${steps[0]}` : "the environment is read as $env.NAME";
    throw syntaxError(message, source, file, offset, { suggestion: nearest(steps[0] ?? "", Object.keys(this.#env)) });
  }

  /** The plain words of a command line; a list that stands alone and unquoted gives a word for each of its items. */
  async expand(words: readonly Word[], text: SourceText, engine: Engine): Promise<string[]> {
    return (await this.expandLocated(words, text, engine)).words;
  }

  /** The same of a command or a program. @throws EngineError `invalid` for what it would get less of than it is */
  async commandWords(words: readonly Word[], text: SourceText, engine: Engine): Promise<Expanded> {
    const expanded = await this.expandLocated(words, text, engine);
    if (bare(words[0]) !== "print") for (const [at, word] of expanded.words.entries()) uncut(word, expanded.origins[at]);
    return expanded;
  }

  async expandLocated(words: readonly Word[], text: SourceText, engine: Engine): Promise<Expanded> {
    const expanded: Expanded = { words: [], origins: [] };
    for (const word of words) {
      const value = isAlone(word) ? await this.whole(word, text, engine) : undefined;
      const plain = Array.isArray(value)
        ? value.map(textOf)
        : [value === undefined ? await this.expandWord(word, text, engine) : textOf(value)];
      for (const each of plain) {
        expanded.words.push(each);
        expanded.origins.push(word);
      }
    }
    return expanded;
  }

  /** The value that a word is when it is nothing but a variable, else its text. */
  async whole(word: Word, text: SourceText, engine: Engine): Promise<unknown> {
    const [part] = word.parts;
    if (!isAlone(word) || part?.kind !== "variable") return this.expandWord(word, text, engine);
    return (await this.value(part.path, part.offset, text, engine)) ?? "";
  }

  /** What a loop takes of a word that is nothing but a variable. */
  async items(word: Word, text: SourceText, engine: Engine): Promise<readonly unknown[]> {
    return itemsOf(await this.whole(word, text, engine));
  }

  async expandWord(word: Word, text: SourceText, engine: Engine): Promise<string> {
    let plain = "";
    for (const part of word.parts) plain += part.kind === "text" ? part.text : await this.#filled(part, text, engine);
    return plain;
  }

  async #filled(part: Exclude<WordPart, { kind: "text" }>, text: SourceText, engine: Engine): Promise<string> {
    if (part.kind === "variable") return textOf(await this.value(part.path, part.offset, text, engine));
    const fail = (message: string, offset: number) => syntaxError(message, text.source, text.file, offset);
    const number = async (path: string, offset: number) =>
      numberOf(textOf(await this.value(path, offset, text, engine)), path, offset, fail);
    try {
      return String(await calculate(part.expression, number, fail));
    } catch (error) {
      if (this.#isForeseeing) return `<${part.text}>`; // of what is no number before a script runs
      throw error;
    }
  }
}

/** Words that make a text, where they are several: a loop takes them one by one, a command line as one. */
export function phrase(words: string[]): string | Phrase {
  return words.length === 1 ? words[0]! : new Phrase(words.join(" "), words);
}

/** A variable that stands alone and unquoted is its value, not its text. */
export function isAlone({ parts, quoted }: Word): boolean {
  return !quoted && parts.length === 1 && parts[0]?.kind === "variable";
}

function numberOf(text: string, path: string, offset: number, fail: (message: string, offset: number) => Error): Amount {
  const number = amountOf(text);
  if (number === undefined) throw fail(`$${path} is no number, but "${text.slice(0, 80)}"`, offset);
  return number;
}

async function inspectLive(engine: Engine, id: string | undefined): Promise<unknown> {
  if (id === undefined) return undefined;
  for (const inspect of [() => engine.containers.inspect(id), () => engine.images.inspect(id), () => engine.networks.inspect(id)]) {
    try {
      return await inspect();
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== "not-found") throw error;
    }
  }
  return undefined;
}
