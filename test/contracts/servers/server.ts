/** Other people's servers of Docker's API, each in a network namespace and with a state of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../../../engine/process/spawn.ts";
import { openRemoteEngine } from "../../../engine/remote/index.ts";
import { finish, unmountBelow } from "../../support/engine.ts";
import { eventually } from "../../support/eventually.ts";
import { busyboxTar } from "../../support/rootfs.ts";
import type { Host } from "../engine/host.ts";

/** Milliseconds that it may take to come up. */
const patience = 60_000;

/** @param wordsFor the command line of the server, with a directory for all that is its own, and its socket */
async function openServer(name: string, wordsFor: (directory: string, socket: string) => string[]): Promise<Host> {
  const directory = mkdtempSync(join(tmpdir(), "berth-server-"));
  const socket = join(directory, "api.sock");
  mkdirSync(join(directory, "run"));
  const log = openSync(join(directory, "log"), "w");
  const [program = "", ...words] = wordsFor(directory, socket);
  const found = findProgram(program);
  if (!found) throw new Error(`${program} is not here: apt-get install docker.io podman`);
  // Its bridges and firewall rules are nobody else's.
  const inNamespace = ["--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", found, ...words];
  // podman wants higher limits for a container than this host may give.
  writeFileSync(join(directory, "containers.conf"), '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n');
  const env = { ...process.env, CONTAINERS_CONF: join(directory, "containers.conf") };
  const server = spawn("unshare", inNamespace, { stdio: ["ignore", log, log], cwd: "/", env });
  const engine = openRemoteEngine(`unix://${socket}`);
  try {
    await eventually(() => engine.system.version(), patience);
    await finish(engine.images.import(createReadStream(busyboxTar()), { reference: "busybox:latest", changes: ['CMD ["sh"]'] }));
  } catch (error) {
    await stop(server, directory);
    throw new Error(`${name} does not come up:\n${readFileSync(join(directory, "log"), "utf8").slice(-2000)}`, { cause: error });
  }
  return {
    engine,
    async [Symbol.asyncDispose]() {
      for (const { Id } of await engine.containers.list({ all: true })) await engine.containers.remove(Id, { force: true, volumes: true });
      await engine.close();
      await stop(server, directory);
    },
  };
}

async function stop(server: ChildProcess, directory: string): Promise<void> {
  if (server.exitCode === null) {
    server.kill("SIGTERM");
    await once(server, "exit");
  }
  unmountBelow(directory);
  rmSync(directory, { recursive: true, force: true });
}

export const openDockerd = (): Promise<Host> =>
  openServer("dockerd", (directory, socket) => [
    ...["dockerd", "--host", `unix://${socket}`, "--data-root", `${directory}/data`, "--exec-root", `${directory}/run`],
    ...["--pidfile", `${directory}/pid`],
  ]);

export const openPodman = (): Promise<Host> =>
  // Its crun knows no hybrid control groups.
  openServer("podman", (directory, socket) => [
    ...["podman", "--root", `${directory}/data`, "--runroot", `${directory}/run`, "--tmpdir", `${directory}/run/tmp`],
    ...[
      "--runtime",
      "runc",
      "--events-backend",
      "file",
      "--cgroup-manager",
      "cgroupfs",
      "system",
      "service",
      "--time",
      "0",
      `unix://${socket}`,
    ],
  ]);
