/**
 * Lines typed at the prompt, kept between sessions under $XDG_STATE_HOME/berth/history, newest last; and, beside it in
 * sessions.jsonl, how each went: where, when, for how long, with which status.
 */
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { replaceFile } from "../../../engine/replace-file.ts";

const kept = 1000;

/** A line end within an entry, as psql's history has it: no line holds it, as it cannot be typed. */
const lineEnd = "\x01";

/** A line that was run. */
export interface Run {
  line: string;
  /** ISO 8601. */
  at: string;
  cwd: string;
  ms: number;
  status: number;
}

export class History {
  readonly #file: string | undefined;
  /** Newest first; an entry of several lines is one. */
  readonly lines: string[];
  #runs: Run[] | undefined;

  /** @param file undefined: nothing is kept */
  constructor(file: string | undefined) {
    this.#file = file;
    this.lines = read(file).map((line) => line.replaceAll(lineEnd, "\n"));
  }

  /**
   * Remembers a line unless it repeats the last, begins with a blank (a secret, by the shells' convention), or holds a secret.
   */
  async add(line: string): Promise<void> {
    if (line === this.lines[0] || !(await mayBeKept(line))) return;
    this.lines.unshift(line);
    if (this.lines.length > kept) this.lines.pop();
    if (this.#file === undefined) return;
    append(this.#file, `${line.replaceAll("\n", lineEnd)}\n`);
  }

  /** Remembers how a line went, unless it is one that is not remembered. */
  async log(run: Run): Promise<void> {
    if (!(await mayBeKept(run.line))) return;
    this.runs.push(run);
    if (this.runs.length > kept) this.runs.shift();
    if (this.#file !== undefined) append(runsBeside(this.#file), `${JSON.stringify(run)}\n`);
  }

  /** How lines went, oldest first. */
  get runs(): Run[] {
    this.#runs ??= readRuns(this.#file);
    return this.#runs;
  }
}

async function mayBeKept(line: string): Promise<boolean> {
  if (line.trim() === "" || line.startsWith(" ")) return false;
  const { hasSecrets } = await import("../language/secrets.ts"); // on demand: the language is not the TUI's
  return !hasSecrets(line);
}

const runsBeside = (file: string) => join(dirname(file), "sessions.jsonl");

function append(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    appendFileSync(file, text, { mode: 0o600 });
  } catch {
    // A read-only home must not end the session; the lines stay for its duration.
  }
}

function readRuns(file: string | undefined): Run[] {
  const lines = file === undefined ? [] : read(runsBeside(file)).reverse();
  return lines.flatMap((line) => {
    try {
      const { at, cwd, line: text, ms, status } = JSON.parse(line) as Run;
      return typeof text === "string" && typeof at === "string"
        ? [{ line: text, at, cwd: String(cwd), ms: Number(ms), status: Number(status) }]
        : [];
    } catch {
      return []; // half written, by a session that was killed
    }
  });
}

/** A statement as it is recalled: of several lines as one, unless its quotes or texts span them. */
export function recallable(source: string): string {
  const lines = source.replace(/\\\r?\n/g, " ").split("\n");
  const areWhole = !source.includes("<<") && lines.every((line) => line.split(/['"]/).length % 2 === 1);
  if (!areWhole) return source;
  const statements = lines.map((line) => line.trim()).filter(Boolean);
  return statements.join("; ").replaceAll("{; ", "{ ").replaceAll("; }", " }");
}

function read(file: string | undefined): string[] {
  if (file === undefined) return [];
  try {
    const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
    if (lines.length > 2 * kept) replaceFile(file, `${lines.slice(-kept).join("\n")}\n`, { mode: 0o600, behindLinks: true });
    return lines.slice(-kept).reverse();
  } catch {
    return []; // the first session
  }
}

/** Where the history is for this user; undefined without a home. */
export function historyFile(env: Record<string, string | undefined>): string | undefined {
  const base = env["XDG_STATE_HOME"] || (env["HOME"] && join(env["HOME"], ".local/state"));
  return base && join(base, "berth/history");
}
