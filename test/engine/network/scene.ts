/**
 * A machine of its own for a test of the network: this process moves into a fresh network namespace, so that bridges,
 * rules and policies never meet the host's, and opens a state directory in it. Containers are namespaces with servers.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { connectContainer, disconnectContainer } from "../../../engine/container/network/connect.ts";
import type { EndpointSettings, HostConfig } from "../../../engine/container/types.ts";
import { type House, openHouse } from "../../../engine/house.ts";
import { lowerBridge } from "../../../engine/network/attach/bridge.ts";
import { attachNetwork, detachNetwork } from "../../../engine/network/attachment.ts";
import { type NetworkRecord, networkById } from "../../../engine/network/records/records.ts";
import type { NetworkAttachment, NetworkRequest } from "../../../engine/network/types.ts";
import { CLONE, unmount, unshare } from "../../../engine/sys/libc.ts";
import { requestOf } from "./request.ts";

const program = new URL("echo.mjs", import.meta.url).pathname;
const namesProgram = new URL("names.mjs", import.meta.url).pathname;

/** Moves this process into a network namespace of its own. Vitest gives every test file a process. */
export function leaveHostNetwork(): void {
  unshare(CLONE.NEWNET);
  execFileSync("ip", ["link", "set", "lo", "up"]);
}

/** Moves this process into a mount namespace of its own, whose mounts stay in it. */
export function leaveHostMounts(): void {
  unshare(CLONE.NEWNS);
  execFileSync("mount", ["--make-rprivate", "/"]);
}

export function ip(...args: string[]): string {
  return execFileSync("ip", args, { encoding: "utf8" });
}

/** Names of the interfaces, as `ip` shows them. */
export function interfaces(): string[] {
  return (JSON.parse(ip("-j", "link")) as { ifname: string }[]).map(({ ifname }) => ifname);
}

export function nftRules(): string {
  return execFileSync("nft", ["list", "ruleset"], { encoding: "utf8" });
}

/** Waits for a condition by looking every 20 ms. */
export async function until(what: string, condition: () => boolean, limit = 15_000): Promise<void> {
  const end = Date.now() + limit;
  while (!condition()) {
    if (Date.now() > end) expect.fail(`did not come true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface Outside extends Disposable {
  netns: string;
  /** Its own; the host's ends with 1. */
  address: string;
}

/**
 * A namespace behind a cable: the world outside of the host, or a machine beside it.
 * @param net the first three numbers of its network; with `routed`, its way to everything else is this host
 */
export function makeOutside(net = "198.51.100", { routed = false } = {}): Outside {
  const name = `berth-${net}-${process.pid}`;
  const [here, there] = [`out-${net}`, `far-${net}`];
  ip("netns", "add", name);
  ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name);
  ip("addr", "add", `${net}.1/24`, "dev", here);
  ip("link", "set", here, "up");
  ip("-n", name, "addr", "add", `${net}.2/24`, "dev", there);
  ip("-n", name, "link", "set", there, "up");
  if (routed) ip("-n", name, "route", "add", "default", "via", `${net}.1`);
  return {
    netns: `/run/netns/${name}`,
    address: `${net}.2`,
    [Symbol.dispose]() {
      ip("link", "del", here); // at once: with its namespace it goes some time later
      ip("netns", "del", name);
    },
  };
}

export interface Scene extends AsyncDisposable {
  house: House;
  root: string;
  attach(owner: string, changes?: Partial<NetworkRequest>): Promise<NetworkAttachment>;
  detach(owner: string): Promise<void>;
  /** Starts the echo server inside a namespace (or, without one, on the host) and waits until it listens. */
  serve(netns: string | undefined, port: number, name: string): Promise<void>;
  /** Starts a server inside a namespace that sends back what it gets, once the client has sent everything. */
  serveCopies(netns: string, port: number): Promise<void>;
  /** Starts a name server on an address of the host that knows every name by one address. */
  serveNames(listen: string, answer: string): Promise<void>;
  /** What a name resolves to inside a container, by the server of its resolv.conf; "" when it does not. */
  resolve(from: NetworkAttachment, name: string): string;
  /** Runs a program inside a namespace; its output, whatever its status. */
  inside(netns: string, ...command: string[]): { status: number | null; output: string };
  /** What the echo server says to a client inside a namespace, or on the host without one; "" when it cannot be reached. */
  ask(netns: string | undefined, address: string, port: number, protocol?: "tcp" | "udp"): string;
  /** As `network connect` and `network disconnect` do, for a container that insertContainer made. */
  connect(network: string, container: string, settings?: EndpointSettings): Promise<void>;
  disconnect(network: string, container: string, options?: { force?: boolean }): Promise<void>;
  network(spec: Parameters<House["networks"]["create"]>[0]): Promise<string>;
  /** @param hostname the name, unless something else */
  insertContainer(id: string, name: string, host?: Partial<HostConfig>, hostname?: string): void;
}

export function openScene(): Scene {
  const root = mkdtempSync(join(tmpdir(), "berth-network-"));
  const house = openHouse({ root });
  const owners = new Set<string>();
  const servers: ChildProcess[] = [];
  const enter = (netns: string | undefined, command: string[]) => (netns ? ["nsenter", `--net=${netns}`, ...command] : command);
  const start = async (command: string[]) => {
    const [file = "", ...args] = command;
    const server = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.stdout?.once("data", () => resolve());
      server.once("exit", (status) => reject(new Error(`the server ended with status ${status}`)));
    });
  };
  const run = (command: string[]) => spawnSync(command[0] as string, command.slice(1), { encoding: "utf8", timeout: 20_000 });
  return {
    house,
    root,
    async attach(owner, changes = {}) {
      owners.add(owner);
      return attachNetwork(house, { ...requestOf(owner), ...changes });
    },
    detach: (owner) => detachNetwork(house, owner),
    serve: (netns, port, name) => start(enter(netns, [process.execPath, program, "serve", String(port), name])),
    serveCopies: (netns, port) => start(enter(netns, [process.execPath, program, "copy", String(port)])),
    serveNames: (listen, answer) => start([process.execPath, namesProgram, "serve", listen, answer]),
    resolve({ netns, files }, name) {
      const server = /^nameserver (\S+)/m.exec(files.resolvConf)?.[1] ?? "";
      return run(enter(netns, [process.execPath, namesProgram, "ask", server, name])).stdout;
    },
    inside(netns, ...command) {
      const { status, stdout, stderr } = run(enter(netns, command));
      return { status, output: `${stdout}${stderr}` };
    },
    ask: (netns, address, port, protocol = "tcp") =>
      run(enter(netns, [process.execPath, program, "ask", address, String(port), protocol])).stdout.trim(),
    connect: (network, container, settings) => connectContainer(house, container, network, settings),
    disconnect: (network, container, options) => disconnectContainer(house, container, network, options),
    network: async (spec) => (await house.networks.create(spec)).Id,
    insertContainer: (id, name, host = {}, hostname = name) =>
      insertContainer(house, id, name, { NetworkMode: "default", ...host }, hostname),
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.kill("SIGKILL");
      for (const owner of owners) await detachNetwork(house, owner);
      for (const network of await house.networks.list({ filters: { type: ["custom"] } })) await house.networks.remove(network.Id);
      for (const { id } of house.db.all<{ id: string }>("SELECT id FROM networks"))
        await lowerBridge(house, networkById(house, id) as NetworkRecord);
      house.db.close();
      for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
        const target = line.split(" ")[4] ?? "";
        if (target.startsWith(`${root}/`)) unmount(target);
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A container's row as the containers room writes it, as far as the network looks at it. */
function insertContainer(house: House, id: string, name: string, host: Partial<HostConfig>, Hostname: string): void {
  const json = {
    config: JSON.stringify({ Hostname, Image: "x" }),
    host_config: JSON.stringify(host),
    networking: "{}",
    mounts: "[]",
    args: "[]",
  };
  const texts = {
    image: "",
    image_ref: "x",
    status: "running",
    path: "/",
    started: "",
    finished: "",
    pid_start: "",
    monitor_start: "",
    error: "",
  };
  const numbers = {
    created: Date.now(),
    pid: 0,
    monitor_pid: 0,
    exit_code: 0,
    oom_killed: 0,
    restart_count: 0,
    direct: 0,
    stopped_by_user: 0,
  };
  house.db.insert("containers", { id, name, ...json, ...texts, ...numbers });
}
