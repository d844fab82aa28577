/** What a crash could leave behind, found by looking at the machine instead of asking berth. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { House } from "../../../engine/house.ts";
import { cgroupDirectories } from "../../../engine/runtime/cgroup.ts";
import { isAlive } from "../../../engine/sys/owner.ts";

interface RunningRow {
  id: string;
  status: string;
  pid: number;
  pid_start: string;
}

/** One line for each thing that belongs to no running container and no live process; empty when all is well. */
export function findLeftovers(house: House): string[] {
  const rows = house.db.all<RunningRow>("SELECT id, status, pid, pid_start FROM containers");
  const running = new Set(rows.filter(({ status }) => status === "running").map(({ id }) => id));
  return [
    ...rows.filter(({ status }) => !["created", "running", "exited"].includes(status)).map(({ id, status }) => `row ${id} is ${status}`),
    ...rows
      .filter((row) => row.status === "running" && !isAlive(row.pid, row.pid_start))
      .map(({ id }) => `row ${id} is running without a process`),
    ...house.db
      .all<{ kind: string; subject: string }>("SELECT * FROM leases WHERE kind = 'container'")
      .map(({ subject }) => `lease on ${subject}`),
    ...mountsBelow(house.paths.root)
      .filter((path) => !names(path, running))
      .map((path) => `mount ${path}`),
    ...entries(house.paths.containers)
      .filter((id) => !rows.some((row) => row.id === id))
      .map((id) => `directory of ${id}`),
    ...entries(house.paths.netns)
      .filter((id) => !running.has(id))
      .map((id) => `network namespace of ${id}`),
    ...entries(house.paths.runtime)
      .filter((id) => !running.has(id))
      .map((id) => `runtime state of ${id}`),
    ...entries(house.paths.exits)
      .filter((id) => !running.has(id))
      .map((id) => `exit file of ${id}`),
    ...knownIds(house)
      .filter((id) => !running.has(id) && cgroupDirectories(id).length > 0)
      .map((id) => `control group of ${id}`),
    ...house.db
      .all<{ owner: string }>("SELECT owner FROM endpoints UNION SELECT owner FROM ports")
      .filter(({ owner }) => !running.has(owner))
      .map(({ owner }) => `endpoint of ${owner}`),
    ...house.db
      .all<{ name: string }>("SELECT name FROM volumes WHERE anonymous = 1")
      .filter(({ name }) => !isUsed(house, name))
      .map(({ name }) => `volume ${name}`),
    ...processesOf(house.paths.root)
      .filter((line) => !names(line, running))
      .map((line) => `process ${line}`),
  ];
}

const names = (text: string, ids: ReadonlySet<string>) => [...ids].some((id) => text.includes(id));
const entries = (path: string) => (existsSync(path) ? readdirSync(path) : []);

function isUsed(house: House, volume: string): boolean {
  return house.db.all<{ mounts: string }>("SELECT mounts FROM containers").some(({ mounts }) => mounts.includes(volume));
}

/** Every container that there ever was, by its events. */
function knownIds(house: House): string[] {
  return house.db.all<{ actor: string }>("SELECT DISTINCT actor FROM events WHERE type = 'container'").map(({ actor }) => actor);
}

function mountsBelow(root: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((path) => path.startsWith(`${root}/`));
}

/** The test's own victims, and the network's delayed retirement of an idle bridge, which ends by itself. */
const expected = ["crash-child", "berth-retire"];

/** Command lines that name the state directory: monitors, runtimes, exit commands. */
function processesOf(root: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const line = readFileSync(join("/proc", pid, "cmdline"), "utf8").replaceAll("\0", " ");
        return line.includes(root) && !expected.some((word) => line.includes(word)) ? [`${pid} ${line.slice(0, 300)}`] : [];
      } catch {
        return []; // ended meanwhile
      }
    });
}
