/**
 * The contract of a form: fields, and the command line that they make. What a field holds are words as one would type them, so
 * that nothing of a line is out of a form's reach. Pure.
 */
import type { Engine, Verb } from "../../engine/index.ts";
import { splitWords } from "../../src/repl/language/words.ts";

export interface FormField {
  /** Unique within its form. */
  name: string;
  label: string;
  /** Shown while it is empty. */
  hint: string;
  /**
   * What becomes of its text. flag: one value; flags: one of the flag for each of its words; word: an argument; words: each of its
   * words an argument; raw: each of its words a word among the flags; choice: one of `choices`.
   */
  kind: "flag" | "flags" | "word" | "words" | "raw" | "choice";
  /** "-p", "--network" */
  flag?: string;
  /** Of one that is written short. */
  long?: string;
  /** Names of choices with the words that each adds; the first is the default. */
  choices?: readonly (readonly [name: string, ...words: string[]])[];
  /** What is missing without it. */
  required?: string;
  /** The command line whose completion it has, without its last word, which is the one being typed. */
  completes?(values: Values): readonly string[];
  /** What else completes its last word; those that begin with it are shown. */
  candidates?(scene: FieldScene): Promise<readonly string[]>;
}

/** Texts by the names of fields. */
export type Values = Readonly<Record<string, string>>;

/** What a field may look at to complete a word. */
export interface FieldScene {
  values: Values;
  word: string;
  engine: Engine;
  cwd: string;
  /** What a command line would have for its last word. */
  complete(words: readonly string[]): Promise<readonly string[]>;
}

export interface FormSpec {
  title: string;
  /** What its line begins with: ["network", "create"]. */
  verb: readonly string[];
  fields: readonly FormField[];
  needs: readonly Verb[];
  /** Fields whose values are checked by what the command itself makes of them. @throws what is wrong */
  check?(words: readonly string[], place: { cwd: string; env: Record<string, string | undefined> }): Promise<void>;
}

const positional = (kind: FormField["kind"]) => kind === "word" || kind === "words";

/** The words that one field adds. @throws EngineError `syntax` for an open quote */
export function wordsOf({ kind, flag = "", long = flag, choices = [] }: FormField, text: string): string[] {
  const value = text.trim();
  if (kind === "choice") return [...(choices.find(([name]) => name === text) ?? choices[0] ?? []).slice(1)] as string[];
  if (value === "") return [];
  if (kind === "word") return [value];
  if (kind === "flag") return flagWords(flag, long, value);
  const words = splitWords(value);
  return kind === "flags" ? words.flatMap((word) => flagWords(flag, long, word)) : words;
}

/** A value that looks like a flag is tied to its own. */
function flagWords(flag: string, long: string, value: string): string[] {
  return value.startsWith("-") ? [`${long}=${value}`] : [flag, value];
}

/** The whole line: flags in the order of the fields, then what stands behind them. @throws EngineError `syntax` */
export function lineOf({ verb, fields }: FormSpec, values: Values): string[] {
  const said = (of: readonly FormField[]) => of.flatMap((field) => wordsOf(field, values[field.name] ?? ""));
  return [...verb, ...said(fields.filter(({ kind }) => !positional(kind))), ...said(fields.filter(({ kind }) => positional(kind)))];
}

/** A line of this field alone, with what the command cannot do without: what is wrong with it, the field is to blame for. */
export function lineOfField(spec: FormSpec, field: FormField, values: Values): string[] {
  const kept = spec.fields.filter(({ name, required }) => name === field.name || required !== undefined);
  const filler = (name: string) => (name === field.name ? "" : "x");
  return lineOf(spec, Object.fromEntries(kept.map(({ name }) => [name, values[name]?.trim() || filler(name)])));
}
