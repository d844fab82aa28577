/** Lines typed at the prompt, kept between sessions under $XDG_STATE_HOME/berth/history, newest last. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const kept = 1000;

export class History {
  readonly #file: string | undefined;
  /** Newest first, as readline wants them. */
  readonly lines: string[];

  /** @param file undefined: nothing is kept */
  constructor(file: string | undefined) {
    this.#file = file;
    this.lines = read(file);
  }

  /**
   * Remembers a line unless it repeats the last, begins with a blank (a secret, by the shells' convention), or holds a secret.
   * @param source the lines that it is one of: what follows a <<END is a secret by what stands in front of it
   */
  async add(line: string, source = line): Promise<void> {
    if (line.trim() === "" || line.startsWith(" ") || line === this.lines[0]) return;
    const { hasSecrets } = await import("../language/secrets.ts"); // on demand: the language is not the TUI's
    if (hasSecrets(source)) return;
    this.lines.unshift(line);
    if (this.lines.length > kept) this.lines.pop();
    if (this.#file === undefined) return;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
    } catch {
      // A read-only home must not end the session; the lines stay for its duration.
    }
  }
}

/** A statement of several lines as one line to recall, or its lines where its quotes or texts span them. */
export function recallable(source: string): string[] {
  const lines = source.replace(/\\\r?\n/g, " ").split("\n");
  const areWhole = !source.includes("<<") && lines.every((line) => line.split(/['"]/).length % 2 === 1);
  if (!areWhole) return lines;
  const statements = lines.map((line) => line.trim()).filter(Boolean);
  return [statements.join("; ").replaceAll("{; ", "{ ").replaceAll("; }", " }")];
}

function read(file: string | undefined): string[] {
  if (file === undefined) return [];
  try {
    const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
    if (lines.length > 2 * kept)
      writeFileSync(file, `${lines.slice(-kept).join("\n")}\n`, {
        mode: 0o600,
      });
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
