/**
 * Names on user networks: aardvark-dns answers on each network's gateway from one file per network. It is started with
 * the first name, reloads on SIGHUP, and ends with the last one; one process per state directory. Callers hold the
 * "network" lock.
 */
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { EngineError } from "../../errors.ts";
import { findProgram, spawnProcess } from "../../process/spawn.ts";
import type { Ground } from "../../state/ground.ts";
import { isAlive, startOf } from "../../sys/owner.ts";
import { formatAddress, parseAddress } from "../address/index.ts";
import { type EndpointRecord, endpointsOn, type NetworkRecord, subnetsOf } from "../records/index.ts";
import { kernelHex, readNameSockets } from "./sockets.ts";

/** True for networks whose containers find each other by name: all but the default one, as docker. */
export function servesNames({ spec }: NetworkRecord): boolean {
  return spec.Driver === "bridge" && spec.Name !== "bridge" && findServer() !== undefined;
}

let server: string | undefined;

/** aardvark-dns; distributions keep it beside podman's other programs. */
export function findServer(): string | undefined {
  const directories = ["/usr/libexec/podman", "/usr/lib/podman", "/usr/local/libexec/podman", "/usr/local/lib/podman"];
  server ??= findProgram("aardvark-dns") ?? directories.map((directory) => findProgram(`${directory}/aardvark-dns`)).find(Boolean);
  return server;
}

const directoryOf = (ground: Ground) => join(ground.paths.network, "dns");
/** An internal network's names are served, the outside's are not. */
const fileOf = (ground: Ground, { spec }: NetworkRecord) =>
  join(directoryOf(ground), `${spec.Id.slice(0, 12)}${spec.Internal ? "%int" : ""}`);

/**
 * The file of one network: the addresses to answer on, then a line per endpoint. Pure. Every name is known with the
 * network's name behind it too ("web.backend"), as docker's server does.
 * Names are reduced to what DNS allows, as they come from users and the format is made of spaces and commas.
 * @param servers of a container's own (--dns), by its id: they are asked for what is no container's name
 */
export function namesFile(
  network: NetworkRecord,
  endpoints: readonly EndpointRecord[],
  servers: ReadonlyMap<string, readonly string[]> = new Map(),
): string {
  const listen = subnetsOf(network.spec).map(({ gateway }) => formatAddress(gateway));
  const lines = endpoints.map(({ owner, ipv4, ipv6, settings }) => {
    const own = settings.DNSNames ?? [];
    const names = [...own, ...own.map((name) => `${name}.${network.spec.Name}`)]
      .map((name) => name.toLowerCase())
      .filter((name) => /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(name));
    return [owner, ipv4, ipv6, names.join(","), ...(servers.has(owner) ? [servers.get(owner)?.join(",")] : [])].join(" ");
  });
  return `${[listen.join(","), ...lines].join("\n")}\n`;
}

/** What the owners of endpoints were given by --dns. A build step has no such thing. */
function ownServers(ground: Ground, endpoints: readonly EndpointRecord[]): Map<string, string[]> {
  const given = ground.lent.containers.nameServersOf(endpoints.map(({ owner }) => owner));
  return new Map([...given].map(([owner, servers]) => [owner, servers.filter((server) => parseAddress(server))]));
}

/** Writes a network's names, where it serves any, as they are in the database now, and makes the server see them. */
export async function writeNames(ground: Ground, network: NetworkRecord): Promise<void> {
  if (!servesNames(network)) return;
  const file = fileOf(ground, network);
  const endpoints = endpointsOn(ground, network.spec.Id).filter(({ interface: cable }) => cable !== "");
  mkdirSync(directoryOf(ground), { recursive: true, mode: 0o700 });
  if (endpoints.length === 0) rmSync(file, { force: true });
  else {
    // A reload in between must not read half a file; the server takes every file here, so the draft lies elsewhere.
    const draft = join(ground.paths.network, ".names");
    writeFileSync(draft, namesFile(network, endpoints, ownServers(ground, endpoints)), { mode: 0o600 });
    renameSync(draft, file);
  }
  await reload(ground);
}

interface Server {
  pid: number;
  start: string;
}

/** The server writes it itself: it is found even when the berth that started it was killed at once. */
const pidFile = "aardvark.pid";

/** The process that the server's file names, unless the number has gone to another since. */
function runningServer(ground: Ground): Server | undefined {
  const pid = Number(readFileOr(join(directoryOf(ground), pidFile)));
  if (!pid || !readFileOr(`/proc/${pid}/cmdline`).includes(`\0${directoryOf(ground)}\0`)) return undefined;
  const begun = startOf(pid);
  return begun ? { pid, start: begun } : undefined;
}

async function reload(ground: Ground): Promise<void> {
  const running = runningServer(ground);
  const needed = readdirSync(directoryOf(ground)).some((name) => name !== pidFile);
  if (needed && running && (await isReloadable(running))) await signal(ground, running);
  else if (needed) await start(ground);
  else if (running) await stop(running);
}

/**
 * The server catches SIGHUP only some milliseconds after it is there; before, the signal ends it. Waits until it does.
 * @returns false when it ended
 */
async function isReloadable({ pid, start: begun }: Server): Promise<boolean> {
  for (let waited = 0; waited < 1000 && isAlive(pid, begun); waited++) {
    const caught = /^SigCgt:\s*(\S+)$/m.exec(readFileOr(`/proc/${pid}/status`))?.[1] ?? "0";
    if (BigInt(`0x${caught}`) & 1n) return true;
    await setTimeout(2);
  }
  return isAlive(pid, begun);
}

/**
 * Makes the server read its files. It closes its sockets for that and binds them anew; meanwhile all questions are
 * refused: whoever changed names waits, so that what it starts next does not meet its own reload. For a second at most, as an
 * address may be another's.
 */
async function signal(ground: Ground, { pid, start: begun }: Server): Promise<void> {
  const before = readNameSockets(pid);
  const wanted = listenedTo(ground);
  process.kill(pid, "SIGHUP");
  for (const end = Date.now() + 1000; Date.now() < end && isAlive(pid, begun); await setTimeout(1)) {
    const now = readNameSockets(pid);
    if (wanted.every((address) => now.has(address) && now.get(address) !== before.get(address))) return;
  }
}

/** The addresses that all networks' names are asked for at, as the kernel writes them. */
function listenedTo(ground: Ground): string[] {
  const files = readdirSync(directoryOf(ground)).filter((name) => name !== pidFile);
  const addresses = files.flatMap(
    (name) =>
      readFileOr(join(directoryOf(ground), name))
        .split("\n", 1)[0]
        ?.split(",") ?? [],
  );
  return addresses.map(parseAddress).flatMap((address) => (address ? [kernelHex(address)] : []));
}

async function start(ground: Ground): Promise<void> {
  const program = findServer();
  if (!program) return;
  const directory = directoryOf(ground);
  rmSync(join(directory, pidFile), { force: true });
  const child = spawnProcess(program, ["--config", directory, "--port", "53", "run"], { stdio: "ignore", detached: true });
  // The program forks: what was spawned ends when the server is ready.
  const [status] = (await once(child, "exit")) as [number | null];
  if (status !== 0 || !runningServer(ground))
    throw new EngineError("network", `cannot start "${program}": it ended with status ${status}`, {
      hint: "is another name server listening on port 53 of every address?",
    });
}

function readFileOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Ends the server and waits for it, as the next one needs its sockets. */
async function stop({ pid, start: begun }: Server): Promise<void> {
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it was faster
  }
  for (let waited = 0; isAlive(pid, begun); waited++) {
    if (waited === 200) process.kill(pid, "SIGKILL");
    await setTimeout(5);
  }
}
