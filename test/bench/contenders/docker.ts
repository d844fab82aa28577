/** A dockerd of its own: socket, data, and (as the whole benchmark runs in one) network namespace are nobody else's. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../../engine/process/spawn.ts";
import { busyboxTar } from "../../support/rootfs.ts";
import { type Contender, image, removeState, sleeper, sleeperWords } from "../contender.ts";
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
  // A session of its own: Ctrl-C is for the benchmark, which then ends it in order.
  const daemon = spawn(dockerd, ["--host", socket, ...directories], { stdio: ["ignore", log, log], cwd: "/", detached: true });
  const command = (...words: string[]): Command => [docker, "--host", socket, ...words];
  try {
    const version = await answer(command, daemon, root);
    outputOf(command("import", "--change", 'CMD ["sh"]', busyboxTar(), image));
    outputOf(command(...sleeperWords()));
    return { name: "docker", version, root, command, [Symbol.asyncDispose]: () => stop(command, daemon, root) };
  } catch (error) {
    await stop(command, daemon, root);
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
    await new Promise((resolve) => setTimeout(resolve, 100)); // dockerd tells nobody when it answers: it is asked again
  }
}

async function stop(command: Contender["command"], daemon: ChildProcess, root: string): Promise<void> {
  try {
    if (daemon.exitCode === null) outputOf(command("rm", "-f", sleeper));
  } finally {
    if (daemon.exitCode === null) {
      daemon.kill("SIGTERM");
      await once(daemon, "exit");
    }
    await removeState(root);
  }
}
