/** What the storm does: command lines of every verb that makes or takes something, and processes to shoot at besides berth. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { processesNaming } from "../support/leaks.ts";
import type { Chance } from "../support/random.ts";
import { busyboxTar } from "../support/rootfs.ts";

export interface Scene {
  root: string;
  /** A directory for contexts and archives, outside the state directory. */
  work: string;
  ports: readonly number[];
  /** A registry that has busybox as wind:0 and wind:1. */
  registry: string;
  chance: Chance;
  /** Counts the actions: names and contents that differ each time. */
  turn: number;
}

export interface Action {
  name: string;
  args: string[];
  /** Milliseconds that it takes at most, roughly: it is killed somewhere within. */
  length: number;
}

const names = ["north", "east", "south", "west"];
const networks = ["gale", "squall"];

/** Archive that `load` reads; the test makes it. */
export const archive = (work: string) => join(work, "loaded.tar");

/** Names of volumes that are filled by the image's /bin begin so. */
export const filled = "filled";

type Make = (scene: Scene, names: Names) => Omit<Action, "name"> | undefined;

/** The containers by what can be done with them now; the storm's own four names only. */
interface Names {
  free: string[];
  running: string[];
  paused: string[];
  stopped: string[];
}

/** An action on one of the names; none when there is no such name now. */
const on =
  (which: (names: Names) => string[], make: (name: string, scene: Scene) => Omit<Action, "name">): Make =>
  (scene, names) => {
    const from = which(names);
    return from.length > 0 ? make(scene.chance.pick(from), scene) : undefined;
  };

const present = ({ running, stopped, paused }: Names) => [...running, ...stopped, ...paused];

const actions: Record<string, Make> = {
  "run -d": on(
    ({ free }) => free,
    (name, { chance, ports }) => ({
      args: [
        "run",
        "-d",
        "--name",
        name,
        "-p",
        `127.0.0.1:${chance.pick(ports)}:80`,
        "-v",
        "hold:/hold",
        "-v",
        "/bin",
        "busybox",
        "sleep",
        "1000",
      ],
      length: 280,
    }),
  ),
  "run -d --network": on(
    ({ free }) => free,
    (name, { chance }) => ({
      args: ["run", "-d", "--name", name, "--network", chance.pick(networks), "busybox", "sleep", "1000"],
      length: 280,
    }),
  ),
  "run -d --rm": ({ ports, chance }) => ({
    args: ["run", "-d", "--rm", "-p", `${chance.pick(ports)}:80`, "-v", "/fresh", "busybox", "sleep", "0.1"],
    length: 280,
  }),
  "run --rm": ({ ports, chance }) => ({
    args: ["run", "--rm", "-p", `${chance.pick(ports)}:80`, "-v", "/fresh", "busybox", "sh", "-c", "echo begun; sleep 0.1"],
    length: 350,
  }),
  run: ({ turn }) => ({
    args: ["run", "--name", `front${turn}`, "-v", "/fresh", "busybox", "sh", "-c", "echo begun; sleep 0.1"],
    length: 400,
  }),
  create: on(
    ({ free }) => free,
    (name) => ({ args: ["create", "--name", name, "-v", "hold:/hold", "-v", "/bin", "busybox", "sleep", "1000"], length: 120 }),
  ),
  start: on(
    ({ stopped }) => stopped,
    (name) => ({ args: ["start", name], length: 250 }),
  ),
  stop: on(
    ({ running }) => running,
    (name) => ({ args: ["stop", "-t", "0", name], length: 150 }),
  ),
  restart: on(
    ({ running }) => running,
    (name) => ({ args: ["restart", "-t", "0", name], length: 330 }),
  ),
  pause: on(
    ({ running }) => running,
    (name) => ({ args: ["pause", name], length: 80 }),
  ),
  unpause: on(
    ({ paused }) => paused,
    (name) => ({ args: ["unpause", name], length: 80 }),
  ),
  exec: on(
    ({ running }) => running,
    (name) => ({ args: ["exec", name, "sh", "-c", "echo in; sleep 0.1"], length: 250 }),
  ),
  "rm -f": on(present, (name) => ({ args: ["rm", "-f", "-v", name], length: 150 })),
  "cp to": on(present, (name, { work, turn }) => ({ args: ["cp", context(work, turn), `${name}:/copied`], length: 140 })),
  "cp from": on(present, (name, { work, turn }) => ({ args: ["cp", `${name}:/bin`, join(work, `copy${turn}`)], length: 140 })),
  build: ({ work, turn }) => ({ args: ["build", "-t", "built", context(work, turn)], length: 700 }),
  import: ({ turn }) => ({ args: ["import", "-c", `LABEL turn=${turn}`, busyboxTar(), `imported${turn % 3}`], length: 170 }),
  load: ({ work }) => ({ args: ["load", "-i", archive(work)], length: 170 }),
  rmi: ({ chance }) => ({ args: ["rmi", "-f", chance.pick(["loaded", "built", "imported0", "imported1", "committed"])], length: 70 }),
  commit: on(present, (name) => ({ args: ["commit", name, "committed"], length: 180 })),
  "network create": ({ chance }) => ({ args: ["network", "create", chance.pick(networks)], length: 90 }),
  "network connect": on(present, (name, { chance }) => ({ args: ["network", "connect", chance.pick(networks), name], length: 130 })),
  "network disconnect": on(present, (name, { chance }) => ({
    args: ["network", "disconnect", "-f", chance.pick(networks), name],
    length: 120,
  })),
  "network rm": ({ chance }) => ({ args: ["network", "rm", chance.pick(networks)], length: 100 }),
  "volume create": ({ turn }) => ({ args: ["volume", "create", `kept${turn % 5}`], length: 65 }),
  "volume rm": ({ turn }) => ({ args: ["volume", "rm", `kept${turn % 5}`], length: 65 }),
  // A named volume that the image fills: killed in between, it must be filled by the next one.
  "volume filled": ({ turn }) => ({
    args: ["run", "--rm", "--network", "none", "-v", `${filled}${turn % 3}:/bin`, "busybox", "true"],
    length: 250,
  }),
  "volume filled rm": ({ turn }) => ({ args: ["volume", "rm", `${filled}${turn % 3}`], length: 65 }),
  "builder prune": () => ({ args: ["builder", "prune", "-af"], length: 100 }),
  kill: on(
    ({ running }) => running,
    (name) => ({ args: ["kill", name], length: 120 }),
  ),
  rename: on(present, (name, { turn }) => ({ args: ["rename", name, `renamed${turn}`], length: 70 })),
  update: on(present, (name) => ({ args: ["update", "--memory", "64m", "--memory-swap", "64m", "--restart", "always", name], length: 90 })),
  export: on(present, (name, { work, turn }) => ({ args: ["export", "-o", join(work, `export${turn % 3}.tar`), name], length: 150 })),
  save: ({ work, turn }) => ({ args: ["save", "-o", join(work, `save${turn % 3}.tar`), "busybox"], length: 150 }),
  tag: ({ turn }) => ({ args: ["tag", "busybox", `imported${turn % 3}`], length: 60 }),
  push: ({ registry, turn }) => ({ args: ["push", `${registry}/wind:${turn % 2}`], length: 250 }),
  pull: ({ registry, turn }) => ({ args: ["pull", `${registry}/wind:${turn % 2}`], length: 250 }),
  "rmi pulled": ({ registry, turn }) => ({ args: ["rmi", "-f", `${registry}/wind:${turn % 2}`], length: 80 }),
  "container prune": () => ({ args: ["container", "prune", "-f"], length: 150 }),
  "network prune": () => ({ args: ["network", "prune", "-f"], length: 100 }),
  "volume prune": () => ({ args: ["volume", "prune", "-f"], length: 80 }),
  "image prune": () => ({ args: ["image", "prune", "-f"], length: 80 }),
};

/** One of the actions that are possible now, all equally likely; the moment of death is drawn by the caller. */
export function drawAction(scene: Scene): Action {
  const known = namesNow(scene.root);
  for (;;) {
    const [name, make] = scene.chance.pick(Object.entries(actions));
    const made = make(scene, known);
    if (made) return { name, ...made };
  }
}

function namesNow(root: string): Names {
  const rows = query<{ name: string; status: string }>(root, "SELECT name, status FROM containers");
  const having = (...statuses: string[]) =>
    rows.filter(({ name, status }) => names.includes(name) && statuses.includes(status)).map(({ name }) => name);
  const taken = rows.map(({ name }) => name);
  return {
    free: names.filter((name) => !taken.includes(name)),
    running: having("running"),
    paused: having("paused"),
    stopped: having("created", "exited"),
  };
}

/** A context that no cache knows yet. */
function context(work: string, turn: number): string {
  const directory = join(work, "context");
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, "Dockerfile"),
    'FROM busybox\nCOPY turn /turn\nRUN cat /turn > /seen && sleep 0.1\nRUN rm /turn\nCMD ["cat", "/seen"]\n',
  );
  writeFileSync(join(directory, "turn"), String(turn));
  return directory;
}

/** Pids of other processes at work in the state directory: monitors, runtimes, containers' first processes. */
export function targets(root: string): Record<"monitor" | "runtime" | "init", number[]> {
  const lines = processesNaming(root);
  const pidOf = (line: string) => Number.parseInt(line, 10);
  return {
    monitor: lines.filter((line) => /^\d+ \S*conmon /.test(line)).map(pidOf),
    runtime: lines.filter((line) => /^\d+ \S*(runc|crun) /.test(line)).map(pidOf),
    init: runningProcesses(root),
  };
}

function runningProcesses(root: string): number[] {
  return query<{ pid: number }>(root, "SELECT pid FROM containers WHERE status IN ('running', 'paused') AND pid > 0").map(({ pid }) => pid);
}

function query<T>(root: string, sql: string): T[] {
  const database = new DatabaseSync(join(root, "berth.db"), { readOnly: true, timeout: 10_000 });
  try {
    return database.prepare(sql).all() as T[];
  } finally {
    database.close();
  }
}
