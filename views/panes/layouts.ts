/**
 * Layouts of terminals, by name: the command lines that run in them, in their order. Kept under $XDG_STATE_HOME/berth/layouts.json,
 * which people may edit: what is wrong with it is said.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EngineError } from "../../engine/errors.ts";
import { replaceFile } from "../../engine/replace-file.ts";

export interface Layout {
  /** Words of the command line of each terminal. */
  lines: string[][];
  /** What they were called; a file that people wrote may be without. */
  titles?: string[];
  /** Index of the one that has the keyboard. */
  focused: number;
  zoomed: boolean;
}

/** Bytes of the file that are read; more is no file of ours. */
const limit = 1 << 20;

export class Layouts {
  #file: string | undefined;

  constructor(env: Record<string, string | undefined>) {
    const base = env["XDG_STATE_HOME"] || (env["HOME"] && join(env["HOME"], ".local/state"));
    this.#file = base ? join(base, "berth/layouts.json") : undefined;
  }

  /** @throws EngineError `invalid` where the file is not as this writes it */
  read(): Map<string, Layout> {
    if (this.#file === undefined || !existsSync(this.#file)) return new Map();
    const text = readFileSync(this.#file, "utf8");
    try {
      const all: unknown = JSON.parse(text.length > limit ? "too large" : text);
      const entries = Object.entries(all as Record<string, unknown>);
      return new Map(entries.map(([name, layout]) => [name, checked(name, layout)]));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new EngineError("invalid", `cannot read the layouts of terminals: ${why}`, {
        cause,
        hint: `mend "${this.#file}", or remove it`,
      });
    }
  }

  /** Keeps one under its name, in the place of what had it; without one the name goes. @throws EngineError `invalid` */
  keep(name: string, layout: Layout | undefined): void {
    if (this.#file === undefined)
      throw new EngineError("invalid", "cannot keep a layout: there is no directory for it", { hint: "set HOME or XDG_STATE_HOME" });
    const all = this.read();
    if (layout) all.set(name, layout);
    else all.delete(name);
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    replaceFile(this.#file, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`, { mode: 0o600 });
  }
}

/** @throws Error naming the layout */
function checked(name: string, layout: unknown): Layout {
  const { lines, titles, focused, zoomed } = (layout ?? {}) as Record<string, unknown>;
  const isLine = (line: unknown) => Array.isArray(line) && line.length > 0 && line.every((word) => typeof word === "string");
  if (!Array.isArray(lines) || lines.length === 0 || !lines.every(isLine))
    throw new Error(`"${name}" has no lines: lists of words are wanted`);
  const areTitles = Array.isArray(titles) && titles.length === lines.length && titles.every((title) => typeof title === "string");
  return {
    lines: lines as string[][],
    ...(areTitles && { titles: titles as string[] }),
    focused: typeof focused === "number" ? focused : 0,
    zoomed: zoomed === true,
  };
}
