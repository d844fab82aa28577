/** A dockerd of its own: socket, data, and (as the whole benchmark runs in one) network namespace are nobody else's. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../../engine/process/spawn.ts";
import { unmountBelow } from "../../support/engine.ts";
import { busyboxTar } from "../../support/rootfs.ts";
import { type Contender, image, sleeper, sleeperWords } from "../contender.ts";
import { type Command, outputOf } from "../measure.ts";

/** How long dockerd may take to answer, in ms. */
const patience = 60_000;

/** Undefined where docker is not installed. */
export async function openDocker(scratch: string): Promise<Contender | undefined> {
  // The distribution's client fits its daemon, and builds with BuildKit by itself; a newer one wants a plug-in for that.
  const docker = findProgram("/usr/bin/docker") ?? findProgram("docker");
  const dockerd = findProgram("dockerd");
  if (!docker || !dockerd) return undefined;
  const root = join(scratch, "docker");
  mkdirSync(root);
  const socket = `unix://${root}/docker.sock`;
  const directories = ["--data-root", `${root}/data`, "--exec-root", `${root}/exec`, "--pidfile", `${root}/docker.pid`];
  const log = openSync(join(root, "log"), "w");
  const daemon = spawn(dockerd, ["--host", socket, ...directories], { stdio: ["ignore", log, log], cwd: "/" });
  const command = (...words: string[]): Command => [docker, "--host", socket, ...words];
  try {
    const version = await answer(command, daemon, root);
    outputOf(command("import", "--change", 'CMD ["sh"]', busyboxTar(), image));
    outputOf(command(...sleeperWords()));
    return { name: "docker", version, command, [Symbol.dispose]: () => stop(command, daemon, root) };
  } catch (error) {
    stop(command, daemon, root);
    throw error;
  }
}

async function answer(command: Contender["command"], daemon: ChildProcess, root: string): Promise<string> {
  const end = performance.now() + patience;
  for (;;) {
    try {
      return outputOf(command("version", "--format", "{{.Server.Version}}")).trim();
    } catch (error) {
      if (daemon.exitCode !== null || performance.now() > end) {
        throw new Error(`dockerd does not come up:\n${readFileSync(join(root, "log"), "utf8").slice(-2000)}`, { cause: error });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function stop(command: Contender["command"], daemon: ChildProcess, root: string): void {
  try {
    if (daemon.exitCode === null) outputOf(command("rm", "-f", sleeper));
  } finally {
    daemon.kill("SIGTERM");
    waitForEnd(daemon.pid);
    unmountBelow(root);
    rmSync(root, { recursive: true, force: true });
  }
}

/** Disposal is synchronous, so it looks at /proc; a daemon that is our own child ends as a zombie first. */
function waitForEnd(pid: number | undefined): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const end = performance.now() + patience;
  while (pid !== undefined && performance.now() < end) {
    try {
      if (/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"))) return;
    } catch {
      return;
    }
    Atomics.wait(pause, 0, 0, 50);
  }
}
