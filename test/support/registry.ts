/** A registry on a free loopback port, gone with the test: the distribution project's where it is installed, else our own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../../engine/process/spawn.ts";
import { startOwnRegistry } from "./own-registry.ts";
import { freePort } from "./ports.ts";

export interface TestRegistry extends AsyncDisposable {
  /** "127.0.0.1:PORT" */
  host: string;
  /** Its access log so far. */
  log(): string;
}

/** bcrypt of "secret": the registry takes no other kind of password file. */
const htpasswd = "user:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

/** Debian's docker-registry, or what stands in for it. */
export function startRegistry(options: { password?: boolean } = {}): Promise<TestRegistry> {
  return findProgram("docker-registry") ? startDockerRegistry(options) : startOwnRegistry(options);
}

/** @param options `isBare`: without what only costs time, its access log, and with its cache */
export async function startDockerRegistry(
  options: { password?: boolean; program?: string; isBare?: boolean } = {},
): Promise<TestRegistry & { child: ChildProcess }> {
  const directory = mkdtempSync(join(tmpdir(), "berth-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const passwords = join(directory, "htpasswd");
  writeFileSync(passwords, htpasswd);
  const config = {
    version: "0.1",
    log: { level: "info", ...(options.isBare && { accesslog: { disabled: true } }) },
    storage: {
      ...{ filesystem: { rootdirectory: join(directory, "data") }, delete: { enabled: true } },
      ...(options.isBare && { cache: { blobdescriptor: "inmemory" } }),
    },
    http: { addr: host, secret: "test" },
    ...(options.password && { auth: { htpasswd: { realm: "test", path: passwords } } }),
  };
  const file = join(directory, "config.yml");
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  const logFile = join(directory, "log");
  const { openSync, closeSync } = await import("node:fs");
  const log = openSync(logFile, "a");
  const child = spawn(options.program ?? "docker-registry", ["serve", file], { stdio: ["ignore", log, log] });
  closeSync(log);
  try {
    await listening(child, logFile);
  } catch (error) {
    await stop(child);
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    ...{ host, child },
    log: () => readFileSync(logFile, "utf8"),
    [Symbol.asyncDispose]: async () => {
      await stop(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until the registry says that it listens. */
async function listening(child: ChildProcess, logFile: string): Promise<void> {
  const { watch } = await import("node:fs/promises");
  const abort = new AbortController();
  child.once("exit", () => abort.abort(new Error("ended")));
  const isUp = () => readFileSync(logFile, "utf8").includes("listening on");
  try {
    const changes = watch(logFile, { signal: abort.signal });
    if (isUp()) return;
    for await (const _ of changes) if (isUp()) return;
  } catch (cause) {
    throw new Error(`docker-registry did not start: ${readFileSync(logFile, "utf8").slice(-2000)}`, { cause });
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
