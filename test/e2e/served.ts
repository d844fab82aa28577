/** `berth serve` of the built program on a socket of its own, and docker's command line for it. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { ApiClient } from "../support/api-client.ts";
import { launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { busyboxTar, dockerClient } from "../support/rootfs.ts";
import { type Outcome, Program } from "./program.ts";

export class Served implements AsyncDisposable {
  readonly berth = new Program();
  readonly directory = mkdtempSync(join(tmpdir(), "berth-serve-"));
  readonly socket = join(this.directory, "docker.sock");
  /** Clients that are killed leave temporary files: they go with the directory. */
  readonly env = { DOCKER_HOST: `unix://${this.socket}`, DOCKER_CONFIG: this.directory, DOCKER_BUILDKIT: "0", TMPDIR: this.directory };
  readonly api = new ApiClient(this.socket);
  server!: ChildProcess;

  /** With busybox in the store. */
  async open(): Promise<this> {
    await this.berth.ok(["import", "-c", 'CMD ["sh"]', busyboxTar(), "busybox"]);
    await this.serve();
    return this;
  }

  /** A directory with these files, to build from. */
  context(name: string, files: Record<string, string>): string {
    const path = join(this.directory, name);
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(join(path, file, ".."), { recursive: true });
      writeFileSync(join(path, file), text);
    }
    return path;
  }

  async serve(): Promise<void> {
    this.server = this.start(`unix://${this.socket}`);
    await eventually(async () => expect((await this.api.get("/_ping")).status).toBe(200));
  }

  /** A further server over the same state. */
  start(...args: string[]): ChildProcess {
    return spawn(launcher, ["serve", ...args], { env: { ...process.env, ...this.berth.env }, stdio: "ignore" });
  }

  /** Any client's program, told where the server is; default docker's command line. */
  run(args: readonly string[], { input = "", program = dockerClient(), env = {} as Record<string, string> } = {}): Promise<Outcome> {
    return new Promise((resolve) => {
      const options = { env: { ...process.env, ...this.env, ...env }, cwd: this.directory, maxBuffer: 1 << 26 };
      const child = execFile(program, args, options, (error, stdout, stderr) =>
        resolve({ status: error ? Number(error.code ?? 255) : 0, stdout, stderr }),
      );
      child.stdin?.on("error", () => {});
      child.stdin?.end(input);
    });
  }

  /** The same, for what must succeed; gives its standard output. */
  async ok(...of: Parameters<Served["run"]>): Promise<string> {
    const { status, stdout, stderr } = await this.run(...of);
    const line = of[0].join(" ");
    expect({ status, stderr: status === 0 ? "" : stderr, line }).toEqual({ status: 0, stderr: "", line });
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.kill("SIGTERM");
    await eventually(() => expect(this.server.exitCode ?? this.server.signalCode).not.toBeNull());
    expect(existsSync(this.socket)).toBe(false);
    await this.berth[Symbol.asyncDispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
