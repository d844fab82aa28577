/** What a state directory has on the machine outside its own files: mounts, processes, interfaces, tables, namespaces, groups. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { runNft } from "../../engine/sys/nft.ts";

export interface Footprint {
  mounts: string[];
  /** "PID command line" of processes whose command line names the directory. */
  processes: string[];
  interfaces: string[];
  tables: string[];
  namespaces: string[];
  cgroups: string[];
}

export const nothing: Footprint = { mounts: [], processes: [], interfaces: [], tables: [], namespaces: [], cgroups: [] };

/**
 * Looks now. The state directory must still hold its database, as that names the interfaces, tables and containers.
 * @param ids containers to look for beyond those the database still knows
 */
export function footprint(root: string, ids: readonly string[] = []): Footprint {
  const { bridges, networks, containers } = namesIn(root);
  return {
    mounts: mountsBelow(root),
    processes: processesNaming(root),
    interfaces: interfaces(bridges),
    tables: tables(networks),
    namespaces: existsSync(`${root}/run/netns`) ? readdirSync(`${root}/run/netns`) : [],
    cgroups: cgroups([...containers, ...ids]),
  };
}

function namesIn(root: string): { bridges: string[]; networks: string[]; containers: string[] } {
  if (!existsSync(`${root}/berth.db`)) return { bridges: [], networks: [], containers: [] };
  const database = new DatabaseSync(`${root}/berth.db`, { readOnly: true, timeout: 10_000 });
  try {
    const column = (sql: string) =>
      database
        .prepare(sql)
        .all()
        .map((row) => String(Object.values(row)[0]));
    return {
      bridges: column("SELECT bridge FROM networks"),
      networks: column("SELECT id FROM networks"),
      containers: column("SELECT id FROM containers"),
    };
  } finally {
    database.close();
  }
}

/** Mount points below a directory, from proc(5) mountinfo; its octal escapes do not occur in test directories. */
export function mountsBelow(root: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((target) => target.startsWith(`${root}/`));
}

/** "PID command line" of every other process whose command line names the directory. */
export function processesNaming(root: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => `${pid} ${commandLine(pid)}`)
    .filter((line) => line.includes(root));
}

/** Empty for a process that is gone, or a zombie. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

/** The bridges and whatever is plugged into them. */
function interfaces(bridges: readonly string[]): string[] {
  return bridges
    .filter((bridge) => existsSync(`/sys/class/net/${bridge}`))
    .flatMap((bridge) => [bridge, ...readdirSync(`/sys/class/net/${bridge}/brif`)]);
}

function tables(networks: readonly string[]): string[] {
  const listed = runNft("list tables").output.trim().split("\n");
  return listed.filter((line) => networks.some((id) => line.includes(id.slice(0, 12))));
}

function cgroups(ids: readonly string[]): string[] {
  const hierarchies = existsSync("/sys/fs/cgroup/cgroup.controllers") ? [""] : readdirSync("/sys/fs/cgroup").map((name) => `/${name}`);
  return hierarchies.flatMap((hierarchy) => ids.map((id) => `/sys/fs/cgroup${hierarchy}/berth/${id}`)).filter((path) => existsSync(path));
}
