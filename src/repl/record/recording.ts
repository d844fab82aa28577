/**
 * A recording: a script that does again what was done, and says below each line what it printed, as `#>` comments, which
 * `berth replay` compares. Editable: it is written anew only where a later line names what an earlier one made.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { EngineError } from "../../../engine/errors.ts";
import { usersFileMode } from "../../umask.ts";
import { secretTexts, withoutSecrets } from "../language/index.ts";
import { type Handle, handlesOf, nameFor, withIds, withVariable } from "./bindings.ts";
import { dialogueOf, type Heard } from "./dialogue.ts";
import { isSecretText, normalised, scrubbed, scrubbedSource } from "./volatile.ts";

/** Begins a line of what was printed. */
export const outputMark = "#>";

/** More lines than these of what one statement printed are not for comparing. */
const mostLines = 200;

/** A statement that went well, and what came of it. */
export interface Done {
  source: string;
  /** Of a `let`. */
  name?: string | undefined;
  /** A command line alone may get a name for its result. */
  isCommand: boolean;
  result: unknown;
  /** undefined: it is not known, or was too much */
  printed: string | undefined;
  /** What it made has a name that nobody chose. */
  madeName?: string | undefined;
  /** It was at the person's terminal. */
  dialogue?: { program: string; heard: readonly Heard[]; status: number | undefined } | undefined;
}

interface Entry {
  lines: string[];
  /** Its one command line can be bound. */
  source: string | undefined;
  name: string | undefined;
  handles: Handle[];
}

export class Recording {
  readonly #path: string;
  readonly #entries: Entry[] = [];
  readonly #names = new Set<string>();
  readonly #terminals = new Set<string>();
  readonly #secrets: Set<string>;

  /** @param secrets texts that must not be in it @throws EngineError `invalid` when the file cannot be written */
  constructor(path: string, secrets: readonly string[] = []) {
    this.#path = path;
    this.#secrets = new Set(secrets);
    this.#write(() => writeFileSync(path, header, { mode: usersFileMode() }));
  }

  /** Adds a statement. @throws EngineError `invalid` when the file cannot be written any more */
  add(done: Done): void {
    for (const secret of secretTexts(done.source)) if (isSecretText(secret)) this.#secrets.add(secret);
    const written = scrubbedSource(withoutSecrets(done.source), this.#secrets);
    const { source, isAnew, bound } = this.#withVariables(written);
    if (done.name) this.#names.add(done.name);
    const entry: Entry = {
      lines: done.dialogue ? this.#dialogue(source, done.dialogue) : [source, ...this.#output(done.printed, bound)],
      source: done.isCommand && !done.dialogue ? source : undefined,
      name: done.name,
      handles: handlesOf(done.result, done.printed ?? "", done.madeName),
    };
    this.#entries.push(entry);
    this.#write(() => {
      if (isAnew) writeFileSync(this.#path, header + this.#entries.map(textOf).join(""), { mode: usersFileMode() });
      else appendFileSync(this.#path, textOf(entry));
    });
  }

  /** A source in which variables stand for what earlier lines made: those get their names now. */
  #withVariables(written: string): { source: string; isAnew: boolean; bound: Handle[] } {
    const found: Handle[] = [];
    let source = written;
    let isAnew = false;
    for (const entry of this.#entries.toReversed()) {
      for (const handle of entry.handles) {
        const name = entry.name ?? (entry.source === undefined ? undefined : nameFor(entry.source, (each) => this.#names.has(each)));
        const bound = name === undefined ? undefined : withVariable(source, handle, name);
        if (bound === undefined) continue;
        source = bound;
        found.push(...entry.handles);
        if (entry.name !== undefined) continue;
        isAnew = true;
        this.#names.add(name!);
        entry.name = name;
        entry.lines = [`let ${name} = ${entry.source}`]; // what it prints is bound, not shown
      }
    }
    return { source, isAnew, bound: found };
  }

  /** @param bound what the line named by a variable: it will be told by its id */
  #output(printed: string | undefined, bound: readonly Handle[]): string[] {
    const lines = printed === undefined ? [] : comparable(withIds(printed, bound), this.#secrets);
    return lines.length > mostLines ? [] : lines.map((line) => `${outputMark} ${line}`.trimEnd());
  }

  #dialogue(source: string, { program, heard, status }: NonNullable<Done["dialogue"]>): string[] {
    const base = /^[A-Za-z_]\w*$/.test(program) ? program : "terminal";
    let name = base;
    for (let number = 2; this.#terminals.has(name); number++) name = `${base}${number}`;
    this.#terminals.add(name);
    const lines = dialogueOf(heard, name, this.#secrets).map((line) => scrubbedSource(line, this.#secrets));
    return [`spawn @${name} ${source}`, ...lines, `expect @${name} closed${status === undefined ? "" : ` == ${status}`}`];
  }

  #write(writing: () => void): void {
    try {
      writing();
    } catch (cause) {
      throw new EngineError("invalid", `cannot record to "${this.#path}": ${(cause as Error).message}`, { cause, hint: "check the path" });
    }
  }
}

const header = "#!/usr/bin/env -S berth repl\n";

const textOf = ({ lines }: Entry) => `${lines.join("\n")}\n`;

/** What was printed as it is compared: neither secrets nor what differs every time. */
export function comparable(printed: string, secrets: Iterable<string>): string[] {
  return normalised(scrubbed(printed, secrets));
}
