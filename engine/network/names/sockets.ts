/** The sockets of port 53 in a process's network namespace: by them one sees when a name server has read its files anew. */
import { readFileSync } from "node:fs";
import { endianness } from "node:os";
import { type Address, addressBytes } from "../address/index.ts";

/** An address as /proc/net writes it: 32-bit words in the machine's order (proc(5), /proc/net/tcp). Pure. */
export function kernelHex(address: Address): string {
  const bytes = addressBytes(address);
  return (endianness() === "LE" ? bytes.swap32() : bytes).toString("hex").toUpperCase();
}

/** Inodes of the UDP sockets bound to port 53, by address. @param text of a /proc/PID/net/udp. Pure. */
function nameSockets(text: string): Map<string, string> {
  const sockets = text.split("\n").flatMap((line) => {
    const [, local = "", , , , , , , , inode = ""] = line.trim().split(/\s+/);
    return local.endsWith(":0035") ? [[local.slice(0, -":0035".length), inode] as const] : [];
  });
  return new Map(sockets);
}

/** Those that a process sees. */
export function readNameSockets(pid: number): Map<string, string> {
  const texts = ["udp", "udp6"].map((table) => {
    try {
      return readFileSync(`/proc/${pid}/net/${table}`, "latin1");
    } catch {
      return ""; // it ended, or the host has no IPv6
    }
  });
  return nameSockets(texts.join("\n"));
}
