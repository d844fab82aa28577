/** Drives the built binary as a user at a terminal would: under a real PTY, its screen parsed, waiting on conditions. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pty from "node-pty";
import { type Condition, Screen } from "./screen.ts";

export interface DriverOptions {
  columns?: number;
  rows?: number;
  /** Added to a small fixed environment. */
  env?: Record<string, string>;
  cwd?: string;
  /** Default: the binary under test. */
  program?: string;
}

export const launcher = new URL("../../bin/berth", import.meta.url).pathname;

export class Driver implements AsyncDisposable {
  readonly screen: Screen;
  readonly pid: number;
  /** Resolves with the exit status when the program is over. */
  readonly exited: Promise<number>;
  /** Where it keeps its history and layouts, and looks for its configuration: the user's own are not a test's. */
  readonly #own = mkdtempSync(join(tmpdir(), "berth-user-"));
  #process: pty.IPty;
  #over = false;

  constructor(args: readonly string[], options: DriverOptions = {}) {
    const { columns = 100, rows = 30, env = {}, cwd = "/", program = launcher } = options;
    this.screen = new Screen(columns, rows);
    const whole = {
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? "/root",
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      XDG_STATE_HOME: join(this.#own, "state"),
      XDG_CONFIG_HOME: join(this.#own, "config"),
      ...env,
    };
    const child = pty.spawn(program, [...args], { name: "xterm-256color", cols: columns, rows, cwd, env: whole, encoding: null });
    this.#process = child;
    this.pid = child.pid;
    child.onData((data) => this.screen.feed(data as unknown as Uint8Array));
    this.screen.terminal.onData((answer) => !this.#over && child.write(answer));
    this.exited = new Promise((resolve) =>
      child.onExit(({ exitCode, signal }) => {
        this.#over = true;
        resolve(signal ? 128 + signal : exitCode);
      }),
    );
  }

  type(keys: string): void {
    this.#process.write(keys);
  }

  /** Types, then waits for the screen. */
  async press(keys: string, condition: Condition): Promise<string> {
    this.type(keys);
    return this.screen.waitFor(condition);
  }

  resize(columns: number, rows: number): void {
    this.screen.resize(columns, rows);
    this.#process.resize(columns, rows);
  }

  kill(signal: string): void {
    this.#process.kill(signal);
  }

  /** The terminal goes away, as when its window is closed. */
  hangUp(): void {
    (this.#process as unknown as { destroy(): void }).destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) this.#process.kill("SIGKILL");
    await this.exited;
    rmSync(this.#own, { recursive: true, force: true });
  }
}

/** The binary under test is the bundle: is it there? */
export function isBuilt(): boolean {
  return existsSync(new URL("../../dist/main.cjs", import.meta.url));
}
