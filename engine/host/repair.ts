/**
 * `doctor --repair`: a new database for a state directory that lost its own, from the copies that things keep of their rows
 * (state/keepsake.ts), from bundles, and from what runs. What cannot be known is said, and left as it lies.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { groupOf } from "../container/process/index.ts";
import { filesOf, never } from "../container/record/index.ts";
import { findLayer } from "../image/layers/index.ts";
import { recordBlobs } from "../image/store/index.ts";
import { cgroupProcesses } from "../runtime/cgroup.ts";
import { parseColumn } from "../state/column.ts";
import type { Row } from "../state/db.ts";
import type { Ground } from "../state/ground.ts";
import { keepsakeOf, namesIn, readKeepsake } from "../state/keepsake.ts";
import { unclaimed } from "../state/lost-records.ts";
import { makeAnew } from "../state/sqlite.ts";
import { startOf } from "../sys/owner.ts";
import type { DoctorCheck } from "./index.ts";

const ok = (name: string, detail: string): DoctorCheck => ({ name, status: "ok", detail });
const lost = (name: string, detail: string, remedy: string): DoctorCheck => ({ name, status: "warning", detail, remedy });

/**
 * Nothing is done to a database that is there.
 * @returns what was rebuilt and what was not, line by line
 * @throws EngineError of a database that is damaged
 */
export function repair(ground: Ground): DoctorCheck[] {
  const found = unclaimed(ground.paths);
  if (!makeAnew(ground.paths) && !isBare(ground)) return [ok("repair", `${ground.paths.db} is there: nothing to rebuild`)];
  return ground.db.transaction(() => [
    ok("repair", `${ground.paths.db} was made anew beside ${found.join(", ") || "nothing"}`),
    ...repairLayers(ground),
    ...repairImages(ground),
    ...repairVolumes(ground),
    ...repairContainers(ground),
    lost("network", "networks other than the predefined ones, and published ports of what runs, are not known", remakeNetworks),
    lost("build", "the build cache is empty", "nothing to do: steps run once more"),
  ]);
}

/** A repair that was interrupted leaves tables without rows. */
function isBare(ground: Ground): boolean {
  const rows = ["containers", "layers", "images", "volumes"].map((table) => `SELECT 1 FROM ${table}`);
  return ground.db.get(`${rows.join(" UNION ALL ")} LIMIT 1`) === undefined;
}

const remakeNetworks = "make them again with 'berth network create', then restart the containers on them";

/** Layers below come before those above: a row names its parent. */
function repairLayers(ground: Ground): DoctorCheck[] {
  const dirs = namesIn(ground.paths.layers).filter((dir) => dir !== "empty");
  const rows = dirs.map((dir) => readKeepsake(keepsakeOf.layer(ground, dir))).filter((row) => row !== undefined);
  const chains = new Set(rows.map((row) => String(row["chain_id"])));
  const now = Date.now();
  const whole = rows.filter((row) => row["parent"] === "" || chains.has(String(row["parent"])));
  for (const row of whole) insert(ground, "layers", { ...row, created: now, used: now });
  const unknown = dirs.length - whole.length;
  return [
    ok("layers", `${whole.length} found again`),
    ...(unknown > 0
      ? [lost("layers", `${unknown} without a record of what they are`, "fetch or build their images again, then remove them by hand")]
      : []),
  ];
}

interface KeptName {
  reference: string;
  updated: number;
  /** Of a berth that keeps manifests. */
  digest?: string;
}

function repairImages(ground: Ground): DoctorCheck[] {
  const names = new Map<string, { id: string; updated: number; digest: string }>();
  let count = 0;
  const checks: DoctorCheck[] = [];
  for (const file of namesIn(ground.paths.images)) {
    const { names: listed, ...row } = readKeepsake(join(ground.paths.images, file)) ?? {};
    const id = String(row["id"]);
    const chain = String(row["chain_id"]);
    if (chain !== "" && !findLayer(ground, chain)) {
      checks.push(lost("image", `${id} without its layers`, "fetch or build it again"));
      continue;
    }
    insert(ground, "images", row);
    count++;
    for (const { reference, updated, digest = "" } of parseColumn<KeptName[]>(listed, []) ?? [])
      if ((names.get(reference)?.updated ?? 0) <= updated) names.set(reference, { id, updated, digest });
  }
  for (const [reference, { id, updated, digest }] of names) insert(ground, "tags", { reference, image: id, updated, digest });
  recordBlobs(ground);
  return [ok("images", `${count} found again, with ${names.size} names`), ...checks];
}

function repairVolumes(ground: Ground): DoctorCheck[] {
  return namesIn(ground.paths.volumes).map((name) => {
    const kept = readKeepsake(keepsakeOf.volume(ground, name));
    const bare = { name, anonymous: Number(/^[0-9a-f]{64}$/.test(name)), labels: "{}", options: "{}", created: Date.now() };
    insert(ground, "volumes", kept ?? bare);
    return kept
      ? ok("volume", `${name} found again`)
      : lost("volume", `${name} found again without labels and options`, "if it had options, remove it and create it with them");
  });
}

function repairContainers(ground: Ground): DoctorCheck[] {
  return namesIn(ground.paths.containers).map((id) => {
    const kept = readKeepsake(keepsakeOf.container(ground, id));
    const row = kept ? { ...kept, ...now(ground, id, kept) } : fromBundle(ground, id);
    if (!row) return lost("container", `${id} left nothing to rebuild it from`, `remove ${filesOf(ground, id).directory} by hand`);
    insert(ground, "containers", row);
    const text = `${row["name"]} found again, ${row["status"]}`;
    return kept
      ? ok("container", text)
      : lost("container", `${text}, without its limits, mounts and ports`, `remove it: berth rm -f ${row["name"]}`);
  });
}

/** What changes while a container lives: from its pid files, as far as the process is its own. */
function now(ground: Ground, id: string, kept: Row): Row {
  const { pidfile, conmonPid, directory } = filesOf(ground, id);
  const pid = numberIn(pidfile);
  const monitor = numberIn(conmonPid);
  const runs = pid > 0 && cgroupProcesses(groupOf(ground, id)).includes(pid);
  const ran = runs || statSync(join(directory, "bundle"), { throwIfNoEntry: false }) !== undefined;
  const at = (path: string) => new Date(statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()).toISOString();
  return {
    ...{ status: runs ? "running" : ran ? "exited" : "created", error: "" },
    ...{ started: ran ? at(runs ? pidfile : directory) : never, finished: ran && !runs ? at(directory) : never },
    ...{
      pid: runs ? pid : 0,
      pid_start: runs ? startOf(pid) : "",
      monitor_pid: runs ? monitor : 0,
      monitor_start: runs ? startOf(monitor) : "",
    },
    ...{ exit_code: runs || !ran ? 0 : 255, health: runs ? (kept["health"] ?? null) : null, direct: 0 },
  };
}

function numberIn(file: string): number {
  try {
    return Number(readFileSync(file, "latin1")) || 0;
  } catch {
    return 0;
  }
}

/** Of one without a copy: what its process is told. Its limits stay unknown, so that it is not started without them. */
function fromBundle(ground: Ground, id: string): Row | undefined {
  const spec = readKeepsake(join(filesOf(ground, id).bundle, "config.json")) as unknown as
    | { process?: { args?: string[]; env?: string[]; cwd?: string; terminal?: boolean }; hostname?: string }
    | undefined;
  const [path, ...args] = spec?.process?.args ?? [];
  if (!path || !/^[0-9a-f]{64}$/.test(id)) return undefined;
  const { env = [], cwd = "", terminal = false } = spec?.process ?? {};
  const config = { Hostname: spec?.hostname ?? "", Env: env, WorkingDir: cwd, Tty: terminal, Cmd: [path, ...args], Image: "", Labels: {} };
  const row = {
    ...{
      id,
      name: `found-${id.slice(0, 12)}`,
      image: "",
      image_ref: "",
      config: JSON.stringify(config),
      host_config: "",
      networking: "{}",
    },
    ...{ mounts: "[]", path, args: JSON.stringify(args), created: Date.now(), oom_killed: 0, restart_count: 0, stopped_by_user: 0 },
  };
  return { ...row, ...now(ground, id, row) };
}

/** Only columns that this schema has: a copy may be of another. */
function insert(ground: Ground, table: string, row: Row): void {
  const columns = new Set(ground.db.all<{ name: string }>(`PRAGMA table_info(${table})`).map(({ name }) => name));
  ground.db.insert(table, Object.fromEntries(Object.entries(row).filter(([name]) => columns.has(name))), "OR IGNORE");
}
