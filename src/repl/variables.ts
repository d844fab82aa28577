/** The session's variables, and words with variables as plain words. */
import { EngineError } from "../../engine/errors.ts";
import type { Engine } from "../../engine/index.ts";
import { nearest } from "../../engine/suggest.ts";
import { follow, idOf, pathSteps, textOf } from "./value.ts";
import { syntaxError, type Word } from "./words.ts";

/** Where the words stand, for errors. */
export interface SourceText {
  source: string;
  file: string;
}

export class Variables {
  readonly #values = new Map<string, unknown>();
  readonly #env: Record<string, string | undefined>;

  constructor(env: Record<string, string | undefined>) {
    this.#env = env;
  }

  set(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  names(): string[] {
    return [...this.#values.keys()].sort();
  }

  entries(): [string, unknown][] {
    return [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The value behind "name.path"; `engine` for fields of live objects. */
  async value(path: string, offset: number, text: SourceText, engine: Engine): Promise<unknown> {
    const [name = "", ...steps] = pathSteps(path);
    if (!this.#values.has(name)) return this.#fromEnvironment(name, steps, offset, text);
    const value = this.#values.get(name);
    const found = follow(value, steps);
    if ("value" in found) return found.value;
    const live = await inspectLive(engine, idOf(value));
    const again = live === undefined ? found : follow(live, steps);
    if ("value" in again) return again.value;
    const near = nearest(again.missing, again.known);
    throw syntaxError(`$${name} has no field "${again.missing}"`, text.source, text.file, offset, { suggestion: near });
  }

  #fromEnvironment(name: string, steps: string[], offset: number, { file, source }: SourceText): string {
    const value = steps.length === 0 ? this.#env[name] : undefined;
    if (value !== undefined) return value;
    throw syntaxError(`there is no variable $${name}`, source, file, offset, {
      suggestion: nearest(name, this.names()),
    });
  }

  /** The plain words of a command line; a list that stands alone and unquoted gives a word for each of its items. */
  async expand(words: readonly Word[], text: SourceText, engine: Engine): Promise<string[]> {
    const expanded: string[] = [];
    for (const word of words) {
      const list = await this.list(word, text, engine);
      expanded.push(...(list ? list.map(textOf) : [await this.expandWord(word, text, engine)]));
    }
    return expanded;
  }

  /** The list that a word is, when it is nothing but an unquoted variable that holds one. */
  async list(word: Word, text: SourceText, engine: Engine): Promise<unknown[] | undefined> {
    const [part] = word.parts;
    if (word.quoted || word.parts.length !== 1 || part?.kind !== "variable") return undefined;
    const value = await this.value(part.path, part.offset, text, engine);
    return Array.isArray(value) ? value : undefined;
  }

  async expandWord(word: Word, text: SourceText, engine: Engine): Promise<string> {
    let plain = "";
    for (const part of word.parts)
      plain += part.kind === "text" ? part.text : textOf(await this.value(part.path, part.offset, text, engine));
    return plain;
  }
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
