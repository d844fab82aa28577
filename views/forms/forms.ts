/** The form on the screen: typing into its fields, completing them, what is wrong with them, and running its line. */
import { type EngineError, toEngineError } from "../../engine/errors.ts";
import type { Context } from "../../src/commands/command.ts";
import { joinWords } from "../../src/repl/language/command-line.ts";
import { editLine, insert } from "../input/edit-line.ts";
import type { AppState, FormState } from "../state.ts";
import type { Store } from "../store.ts";
import { type FormField, type FormSpec, lineOf, lineOfField, type Values } from "./form.ts";

export interface FormsParts {
  store: Store<AppState>;
  /** For completion, and for what is wrong. */
  context(): Context;
  /** Runs a line, as if it had been typed. @returns why it failed */
  run(words: readonly string[]): Promise<EngineError | undefined>;
  openPalette(line: string): void;
}

/** The field that is typed into. */
function fieldOf({ spec, at }: FormState): FormField {
  return spec.fields[at]!;
}

/** The line as it would run; where a quote is open, as much as there is. */
export function formLine({ spec, lead, values }: FormState): string[] {
  const known = Object.fromEntries(Object.entries(values).filter(([name, text]) => isWhole(spec, name, text)));
  return [...lead, ...lineOf(spec, known)];
}

function isWhole(spec: FormSpec, name: string, text: string): boolean {
  try {
    lineOf({ ...spec, fields: spec.fields.filter((field) => field.name === name) }, { [name]: text });
    return true;
  } catch {
    return false;
  }
}

export class Forms {
  #parts: FormsParts;
  #suggesting = Promise.resolve();
  #checking = Promise.resolve();

  constructor(parts: FormsParts) {
    this.#parts = parts;
  }

  get #form(): FormState | undefined {
    return this.#parts.store.get().form;
  }

  /** @param values what it begins with @param lead words before its line: which host it is about */
  open(spec: FormSpec, values: Values = {}, lead: readonly string[] = []): void {
    const at = Math.max(
      0,
      spec.fields.findIndex(({ name, kind }) => kind !== "choice" && !values[name]),
    );
    this.#parts.store.set({ form: { spec, lead, values, at, cursor: 0, candidates: [], chosen: -1, errors: {}, tried: false } });
    this.#look();
  }

  close(): void {
    this.#parts.store.set({ form: undefined });
  }

  #set(change: Partial<FormState>): void {
    const form = this.#form;
    if (form) this.#parts.store.set({ form: { ...form, ...change } });
  }

  /** To the next field, or the one before, around the ends. */
  move(step: 1 | -1): void {
    const form = this.#form;
    if (!form) return;
    const { length } = form.spec.fields;
    this.#go((form.at + step + length) % length);
  }

  #go(at: number): void {
    const form = this.#form;
    const field = form?.spec.fields[at];
    if (!form || !field) return;
    this.#set({ at, cursor: (form.values[field.name] ?? "").length, candidates: [], chosen: -1 });
    this.#look();
  }

  /** A key that is no action of the form: text, or editing; in a choice, the next one. */
  key(name: string): void {
    const form = this.#form;
    if (!form) return;
    const field = fieldOf(form);
    if (field.kind === "choice") {
      if (["left", "right", "space"].includes(name)) this.#choose(field, name === "left" ? -1 : 1);
      return;
    }
    const edited = editLine({ text: form.values[field.name] ?? "", cursor: form.cursor }, name);
    if (edited) this.#type(field, edited);
  }

  paste(text: string): void {
    const form = this.#form;
    const field = form && fieldOf(form);
    if (field && field.kind !== "choice") this.#type(field, insert({ text: form.values[field.name] ?? "", cursor: form.cursor }, text));
  }

  #choose({ name, choices = [] }: FormField, step: 1 | -1): void {
    const { values } = this.#form!;
    const names = choices.map(([choice]) => choice);
    const now = Math.max(0, names.indexOf(values[name] ?? ""));
    this.#set({ values: { ...values, [name]: names[(now + step + names.length) % names.length]! } });
    this.#look();
  }

  #type({ name }: FormField, { text, cursor }: { text: string; cursor: number }): void {
    this.#set({ values: { ...this.#form!.values, [name]: text }, cursor, chosen: -1 });
    this.#look();
  }

  /** The next candidate in place of the last word; without one, to the next field. */
  async complete(step: 1 | -1): Promise<void> {
    await this.#suggesting; // a fast Tab means the candidates for what was typed
    const form = this.#form;
    if (!form) return;
    const { candidates } = form;
    const field = fieldOf(form);
    const text = form.values[field.name] ?? "";
    const start = wordStart(field, text);
    if (candidates.length === 0 || (candidates.length === 1 && text.slice(start) === candidates[0])) {
      this.move(step);
      return;
    }
    const chosen = (form.chosen + step + candidates.length) % candidates.length;
    const next = text.slice(0, start) + candidates[chosen];
    this.#set({ values: { ...form.values, [field.name]: next }, cursor: next.length, chosen: candidates.length === 1 ? -1 : chosen });
    if (candidates.length === 1) this.#look();
  }

  /** What completes the word being typed, and what is wrong. */
  #look(): void {
    this.#suggesting = this.#suggest();
    this.#checking = this.#check();
  }

  async #suggest(): Promise<void> {
    const form = this.#form;
    if (!form) return;
    const candidates = await this.#candidates(form).catch(() => []); // what cannot be read completes nothing
    const now = this.#form;
    if (now && now.values === form.values && now.at === form.at) this.#set({ candidates, chosen: -1 });
  }

  async #candidates(form: FormState): Promise<string[]> {
    const field = fieldOf(form);
    const text = form.values[field.name] ?? "";
    const word = text.slice(wordStart(field, text));
    if (form.cursor < text.length || (word === "" && text !== "")) return [];
    const { complete } = await import("../../src/commands/complete.ts");
    const context = this.#parts.context();
    const { engine } = context;
    const { cwd } = context.io;
    const ofLine = field.completes ? await complete(context, [...field.completes(form.values), word]) : [];
    const own = (await field.candidates?.({ values: form.values, word, engine, cwd, complete: (words) => complete(context, words) })) ?? [];
    return [...new Set([...ofLine, ...own])].filter((candidate) => candidate.startsWith(word)).sort();
  }

  async #check(): Promise<void> {
    const form = this.#form;
    if (!form) return;
    const found = await Promise.all(form.spec.fields.map(async (field) => [field.name, await this.#wrong(form, field)] as const));
    const errors = Object.fromEntries(found.flatMap(([name, wrong]) => (wrong === undefined ? [] : [[name, wrong]])));
    if (this.#form?.values === form.values) this.#set({ errors });
  }

  async #wrong({ spec, values }: FormState, field: FormField): Promise<string | undefined> {
    if (!values[field.name]?.trim()) return field.required && `it needs ${field.required}`;
    const { cwd, env } = this.#parts.context().io;
    try {
      const words = lineOfField(spec, field, values);
      const { resolve } = await import("../../src/commands/execute.ts");
      await resolve(words);
      await spec.check?.(words, { cwd, env });
      return undefined;
    } catch (error) {
      return toEngineError(error).message.replace(/^invalid argument .* for "--[\w-]+" flag: /, "");
    }
  }

  /** Runs the line; where something is wrong with a field, goes there instead. A line that fails comes back. */
  async accept(): Promise<void> {
    await this.#checking;
    const form = this.#form;
    if (!form) return;
    const wrong = form.spec.fields.findIndex(({ name }) => form.errors[name] !== undefined);
    if (wrong >= 0) {
      this.#set({ tried: true });
      this.#go(wrong);
      return;
    }
    this.close();
    const failure = await this.#parts.run(formLine(form));
    const { view, prompt, menu, confirm, form: other } = this.#parts.store.get();
    const isQuiet = view === "list" && !prompt && !menu && !confirm && !other;
    if (failure && failure.code !== "cancelled" && isQuiet)
      this.#parts.store.set({ form: { ...form, errors: { "": failure.message }, tried: true } });
  }

  /** The line itself, to go on with as text. */
  toPalette(): void {
    const form = this.#form;
    if (!form) return;
    this.close();
    this.#parts.openPalette(joinWords(formLine(form)));
  }
}

/** Where the word being typed begins: fields of one value are one word. */
function wordStart({ kind }: FormField, text: string): number {
  return kind === "word" || kind === "flag" ? 0 : (/\S*$/.exec(text)?.index ?? text.length);
}
