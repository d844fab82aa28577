/** The built binary with a state directory of its own, as the journeys use it. */
import { type ChildProcess, execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { launcher } from "../support/driver.ts";
import { unmountBelow } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { footprint, nothing } from "../support/leaks.ts";

export interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

/** What a process with pipes says, and its status, once all is over. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const [stdout, stderr, [status]] = await Promise.all([
    child.stdout ? text(child.stdout) : "",
    child.stderr ? text(child.stderr) : "",
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { status: status ?? 255, stdout, stderr };
}

export class Program implements AsyncDisposable {
  readonly root = mkdtempSync(join(tmpdir(), "berth-e2e-"));
  readonly env: Record<string, string>;
  /** Where it keeps its history, and looks for its configuration: the user's own are not a test's. */
  readonly #own = mkdtempSync(join(tmpdir(), "berth-user-"));

  /** @param settings added to the environment of every command */
  constructor(settings: Record<string, string> = {}) {
    const own = { XDG_STATE_HOME: join(this.#own, "state"), XDG_CONFIG_HOME: join(this.#own, "config") };
    this.env = { BERTH_ROOT: this.root, NO_COLOR: "1", ...own, ...settings };
  }

  /** Runs a command line to its end, without a terminal. */
  run(args: readonly string[], options: { input?: string; cwd?: string; env?: Record<string, string> } = {}): Promise<Outcome> {
    const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/root", LANG: "C.UTF-8", ...this.env, ...options.env };
    return new Promise((resolve) => {
      const child = execFile(launcher, args, { env, cwd: options.cwd ?? "/", maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
        const code = (error as { code?: unknown } | null)?.code;
        resolve({ status: error ? (typeof code === "number" ? code : 255) : 0, stdout, stderr });
      });
      child.stdin?.on("error", () => {}); // the program may end before it has read everything
      child.stdin?.end(options.input ?? "");
    });
  }

  /** The same, for a command that must succeed; gives its standard output. */
  async ok(args: readonly string[], options: { input?: string; cwd?: string } = {}): Promise<string> {
    const { status, stdout, stderr } = await this.run(args, options);
    expect({ status, stderr: status === 0 ? "" : stderr, line: args.join(" ") }).toEqual({ status: 0, stderr: "", line: args.join(" ") });
    return stdout;
  }

  /** Waits until nothing of this state directory is left on the machine; bridges linger for a few seconds. */
  async settled(ids: readonly string[] = []): Promise<void> {
    await eventually(() => expect(footprint(this.root, ids)).toEqual(nothing));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      const ids = (await this.run(["ps", "-aq"])).stdout.split("\n").filter(Boolean);
      if (ids.length > 0) await this.run(["rm", "-f", ...ids]);
      await this.settled();
    } finally {
      unmountBelow(this.root);
      for (const directory of [this.root, this.#own]) rmSync(directory, { recursive: true, force: true });
    }
  }
}
