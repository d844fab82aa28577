/**
 * Who a process is, beyond its pid: pids are reused, so every record of an owner also holds the process's start time
 * (proc(5), /proc/PID/stat field 22, clock ticks since boot) and the boot id.
 */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";

let boot: string | undefined;

function bootId(): string {
  boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim().slice(0, 8);
  return boot;
}

/** 52 numbers and a name of at most 64 bytes. */
const line = Buffer.alloc(2048);

/** One read into the same memory: it is done for every running container before each list. */
function readStat(pid: number): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(`/proc/${pid}/stat`, "r");
    return line.toString("latin1", 0, readSync(fd, line));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** State letter and start token of a live process; undefined when there is none, or only a zombie of it. */
function look(pid: number): string | undefined {
  if (pid <= 0) return undefined;
  const stat = readStat(pid);
  if (stat === undefined) return undefined;
  // The command name, in parentheses, may hold anything: fields are counted from the last ")".
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  return `${fields[19]}@${bootId()}`;
}

/** The start token of a live process, "" when it is gone. */
export function startOf(pid: number): string {
  return look(pid) ?? "";
}

/** True while the very process that was recorded lives. */
export function isAlive(pid: number, start: string): boolean {
  return start !== "" && look(pid) === start;
}

let mine: string | undefined;

/** This process, as an owner. */
export function thisOwner(): { pid: number; start: string } {
  mine ??= startOf(process.pid);
  return { pid: process.pid, start: mine };
}
