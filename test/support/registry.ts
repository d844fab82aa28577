/** Debian's docker-registry on a free loopback port, with its blobs in a temporary directory; ended and removed with the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestRegistry extends AsyncDisposable {
  /** "127.0.0.1:PORT" */
  host: string;
  /** Where it keeps blobs. */
  directory: string;
  /** Its access log so far. */
  log(): string;
}

/** bcrypt of "secret": the registry takes no other kind of password file. */
const htpasswd = "user:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

export async function startRegistry(options: { password?: boolean; htpasswd?: string } = {}): Promise<TestRegistry> {
  const directory = mkdtempSync(join(tmpdir(), "berth-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const passwords = join(directory, "htpasswd");
  writeFileSync(passwords, options.htpasswd ?? htpasswd);
  const config = {
    version: "0.1",
    log: { level: "info" },
    storage: { filesystem: { rootdirectory: join(directory, "data") }, delete: { enabled: true } },
    http: { addr: host, secret: "test" },
    ...(options.password && { auth: { htpasswd: { realm: "test", path: passwords } } }),
  };
  const file = join(directory, "config.yml");
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  const logFile = join(directory, "log");
  const { openSync, closeSync } = await import("node:fs");
  const log = openSync(logFile, "a");
  const child = spawn("docker-registry", ["serve", file], { stdio: ["ignore", log, log] });
  closeSync(log);
  try {
    await listening(child, logFile);
  } catch (error) {
    await stop(child);
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    host,
    directory,
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
