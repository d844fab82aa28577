/**
 * Published IPv6 ports where rules cannot lead: the kernel translates no address into one of the other family, for
 * containers that have only IPv4, and lets nothing leave the host that comes from ::1. So a small process per container carries the connections (forwarder.c), as docker's proxy does. It holds
 * the sockets alone, and is found by its record, which it writes its process id into; it ends when the container's
 * network is taken back.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { spawnProcess } from "../../process/spawn.ts";
import type { Ground } from "../../state/ground.ts";
import { addressBytes, parseAddress } from "../address/index.ts";
import { findProgramFile, forwarder } from "../programs/index.ts";
import { at, directoryOf, recordOf } from "./record.ts";

/** One port that a forwarder serves. */
export interface Forward {
  protocol: "tcp" | "udp";
  /** The bound socket. */
  fd: number;
  /** Of the container. */
  port: number;
}

/** The program; undefined where it cannot run: ports are then published by IPv4 alone. */
const findForwarder = (ground: Ground) => findProgramFile(ground, forwarder);

/** True when this host has IPv6 and the forwarder runs on it. */
export async function canForward(ground: Ground): Promise<boolean> {
  const loopback = "00000000000000000000000000000001";
  const file = "/proc/self/net/if_inet6";
  return existsSync(file) && readFileSync(file, "utf8").includes(loopback) && (await canHold(ground));
}

/** True when the forwarder runs on this host. */
export async function canHold(ground: Ground): Promise<boolean> {
  return (await findForwarder(ground)) !== undefined;
}

/**
 * Starts an owner's forwarder. Its sockets are its own from now on: the caller closes its copies.
 * @param address IPv4 address of the container
 * @throws EngineError `network`
 */
export async function startForwarder(ground: Ground, owner: string, forwards: readonly Forward[], address: string): Promise<void> {
  const program = await findForwarder(ground);
  if (!program) throw new EngineError("internal", "no forwarder on this machine");
  const record = Buffer.alloc(at.ports + 8 * forwards.length);
  forwards.forEach(({ port }, index) => {
    record.set(targetBytes(address), at.ports + 8 * index);
    record.writeUInt16BE(port, at.ports + 8 * index + 4);
  });
  mkdirSync(directoryOf(ground), { recursive: true, mode: 0o700 });
  writeFileSync(recordOf(ground, owner), record, { mode: 0o600 });
  const fd = openSync(recordOf(ground, owner), "r+");
  try {
    const kinds = forwards.map(({ protocol }) => protocol[0]).join("");
    const child = spawnProcess(program, [owner, kinds], {
      stdio: ["ignore", "ignore", "ignore", fd, ...forwards.map((forward) => forward.fd)],
      detached: true,
    });
    child.unref();
    await started(child);
  } catch (cause) {
    throw new EngineError("network", `cannot start the forwarder of IPv6 ports: ${(cause as Error).message}`, { cause });
  } finally {
    closeSync(fd);
  }
}

function started(child: ReturnType<typeof spawnProcess>): Promise<unknown> {
  return new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
}

const targetBytes = (address: string) => {
  const parsed = parseAddress(address);
  return parsed ? addressBytes(parsed) : Buffer.alloc(4);
};

/** Leads an owner's forwarder to another address, or with "" to none: new connections are then refused. */
export function redirectForwarder(ground: Ground, owner: string, address: string): void {
  const file = recordOf(ground, owner);
  if (!existsSync(file)) return;
  const count = (readFileSync(file).length - at.ports) / 8;
  const fd = openSync(file, "r+");
  try {
    for (let index = 0; index < count; index++) writeSync(fd, targetBytes(address), 0, 4, at.ports + 8 * index);
  } finally {
    closeSync(fd);
  }
}
