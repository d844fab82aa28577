/** Projects of compose files in directories of their own, run by the program. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { launcher } from "../support/driver.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

/** An engine with busybox, and a place for projects. */
export class Projects implements AsyncDisposable {
  readonly program: Program;
  readonly #home = mkdtempSync(join(tmpdir(), "berth-compose-"));

  private constructor(program: Program) {
    this.program = program;
  }

  static async open(env: Record<string, string> = {}): Promise<Projects> {
    const program = new Program(env);
    await program.ok(["import", busyboxTar(), "busybox"]);
    return new Projects(program);
  }

  /** @param files by their path; a text alone is compose.yaml */
  make(name: string, files: string | Record<string, string>): ComposeProject {
    return new ComposeProject(this.program, join(this.#home, name), typeof files === "string" ? { "compose.yaml": files } : files);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

export class ComposeProject implements AsyncDisposable {
  readonly directory: string;
  readonly #program: Program;

  constructor(program: Program, directory: string, files: Record<string, string>) {
    this.#program = program;
    this.directory = directory;
    for (const [path, text] of Object.entries(files)) this.write(text, path);
  }

  write(text: string, path = "compose.yaml"): void {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  run(line: string, options: { input?: string; env?: Record<string, string> } = {}) {
    return this.#program.run(["compose", ...line.split(" ")], { cwd: this.directory, ...options });
  }

  ok(line: string, options: { input?: string } = {}): Promise<string> {
    return this.#program.ok(["compose", ...line.split(" ")], { cwd: this.directory, ...options });
  }

  get env(): Record<string, string> {
    return { PATH: process.env["PATH"] ?? "", HOME: "/root", ...this.#program.env };
  }

  spawn(line: string) {
    return spawn(launcher, ["compose", ...line.split(" ")], { cwd: this.directory, env: this.env, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Container ids by name. */
  async containers(): Promise<Record<string, string>> {
    const rows = (await this.ok("ps -a --format json")).split("\n").filter(Boolean);
    return Object.fromEntries(rows.map((row) => JSON.parse(row)).map(({ ID, Name }: { ID: string; Name: string }) => [Name, ID]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run("down -v -t 0 --remove-orphans");
  }
}
