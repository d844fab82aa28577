/** `create`: from a wish and an image to a container that could start. The row comes first, under a lease. */

import { closeSync, lstatSync, mkdirSync, openSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MountPoint } from "../../docker.ts";
import { hasSecurityLabels } from "../../dockerfile/security-label-names.ts";
import { EngineError } from "../../errors.ts";
import type { ProgressEvent } from "../../events.ts";
import { familiar, parseReference, satisfies, withTag } from "../../image/documents/index.ts";
import { unmountOverlay } from "../../image/layers/index.ts";
import { type ResolvedImage, resolveImage } from "../../image/store/index.ts";
import { formatPlatform, hostPlatform, parsePlatform } from "../../platform.ts";
import { hostFacts } from "../../runtime/host-facts.ts";
import { runtimeFor } from "../../runtime/select.ts";
import { isConstraintError } from "../../state/db.ts";
import type { Ground } from "../../state/ground.ts";
import { type Lease, takeLease } from "../../state/leases.ts";
import { readSettings } from "../../state/settings.ts";
import { usersMode } from "../../state/users-mode.ts";
import { copyUp, hasOwnMount } from "../../volume/ensure.ts";
import { inheritMount, makeSource, mountPointOf, type PlannedMount, planMounts } from "../mounts/index.ts";
import { type ContainerPlan, planContainer } from "../plan/index.ts";
import { type ContainerRecord, emitContainer, filesOf, findById, findContainer, keepContainer, never } from "../record/index.ts";
import { grantCapabilities, limitsOf, memoryWarnings, oomScoreOf, parseDeviceRule, rlimitsOf } from "../spec/index.ts";
import type { ContainerCreate } from "../types.ts";
import { directoryInRoot, mountRoot } from "./bundle.ts";
import { checkName, nameConflict, newId, randomName } from "./names.ts";

export interface Created {
  Id: string;
  Warnings: string[];
  record: ContainerRecord;
  image: ResolvedImage;
}

export interface CreateOptions {
  /** Keep the lease: the caller runs the container itself, and it goes with the caller. */
  keep?: (lease: Lease) => void;
}

/**
 * @throws EngineError `conflict` (name), `not-found` (image with pull "never"), `invalid`, and what pulling throws
 */
export async function* createContainer(
  ground: Ground,
  spec: ContainerCreate,
  signal?: AbortSignal,
  options: CreateOptions = {},
): AsyncGenerator<ProgressEvent, Created> {
  ground.db.requireRoom();
  const name = spec.Name ? checkName(spec.Name) : undefined;
  const image = yield* obtainImage(ground, spec, signal);
  // Whatever way it came: what the policies judge is the id that the container gets.
  const candidate = { name: image.reference, image: image.id, isUnverified: spec.NoVerify, access: { signal } };
  const admission = await ground.lent.trust.admit(candidate);
  if (spec.NoVerify) for (const text of admission?.lines ?? []) yield { type: "warning", text };
  const id = newId();
  const { spec: wished, warnings: notes } = await withDefaults(spec, image);
  const plan = planContainer(wished, image.config, id, readSettings());
  if (plan.host.Links?.length) plan.host.Links = (await import("../network/links.ts")).recordedLinks(ground, plan.host);
  const mounts = plannedMounts(ground, plan);
  nameLenders(ground, plan);
  const warnings = [...checkPlatform(spec, image), ...notes, ...checkHost(plan)];
  if (mounts.some((mount) => isFilledByThreads(ground, mount))) ground.options.handOver?.();
  const points = await Promise.all(mounts.map((mount) => mountPointOf(ground, mount)));
  const lease = insertRow(ground, { id, name, image, spec, plan, points });
  try {
    const files = filesOf(ground, id);
    mkdirSync(files.directory, { mode: 0o700 });
    for (const [at, point] of points.entries()) await makeSource(ground, mounts[at]!, point);
    const fillable = points.filter((_, at) => mounts[at]?.type === "volume" && !mounts[at].noCopy);
    await populateVolumes(ground, id, image, plan, fillable);
    writeIdFile(ground, spec.IdFile, id);
    signal?.throwIfAborted();
    const record = recordCreation(ground, id, options.keep ? undefined : lease);
    if (options.keep) options.keep(lease);
    else keepContainer(ground, id); // one that ends with this process needs no copy
    return { Id: id, Warnings: warnings, record, image };
  } catch (error) {
    await (await import("./destroy.ts")).destroyContainer(ground, id, { volumes: true });
    lease.release();
    throw error;
  }
}

function recordCreation(ground: Ground, id: string, lease: Lease | undefined): ContainerRecord {
  return ground.db.transaction(() => {
    ground.db.update("containers", "id", id, { status: "created" });
    const record = findById(ground, id)!;
    emitContainer(ground, record, "create");
    lease?.release();
    return record;
  });
}

async function* obtainImage(
  ground: Ground,
  spec: ContainerCreate,
  signal: AbortSignal | undefined,
): AsyncGenerator<ProgressEvent, ResolvedImage> {
  const { Image: ref, Pull = "missing", Platform: platform } = spec;
  if (!ref) throw new EngineError("invalid", "no image was named", { exit: 125 });
  let missing: string | undefined;
  if (Pull !== "always") {
    const found = resolveImage(ground, ref);
    const mismatch = found && platform ? platformMismatch(ref, found, platform) : undefined;
    if (found && !mismatch) return found;
    const other =
      found && platform ? await (await import("../../image/store/resolve-platform.ts")).resolvePlatform(ground, ref, platform) : undefined;
    if (other) return other;
    const name = familiarName(ref);
    if (Pull === "never")
      throw new EngineError("not-found", mismatch ?? `No such image: ${name}`, { exit: 125, hint: `pull it with 'berth pull ${ref}'` });
    missing = `Unable to find image '${name}' locally`;
  }
  ground.options.handOver?.();
  if (missing) yield { type: "message", text: missing };
  try {
    yield* (await import("../../registry/pull.ts")).pullImage(ground, ref, { platform, signal, noVerify: spec.NoVerify });
  } catch (error) {
    if (error instanceof EngineError && error.code !== "cancelled" && error.code !== "untrusted")
      throw new EngineError(error.code, error.message, { cause: error, hint: error.hint, exit: 125 });
    throw error;
  }
  const pulled = resolveImage(ground, ref);
  if (!pulled) throw new EngineError("not-found", `No such image: ${ref}`, { exit: 125 });
  return pulled;
}

/** What the image's labels fill in; most have none. */
async function withDefaults(spec: ContainerCreate, { config }: ResolvedImage): Promise<{ spec: ContainerCreate; warnings: string[] }> {
  const labels = config.config?.Labels;
  if (!hasSecurityLabels(labels) && !hasSecurityLabels(spec.Labels)) return { spec, warnings: [] };
  const { withImageDefaults } = await import("../plan/image-defaults.ts");
  return withImageDefaults(spec, labels, hostFacts());
}

/** The error for an image that is there, but for another platform than the one asked for. */
function platformMismatch(ref: string, { config }: ResolvedImage, wanted: string): string | undefined {
  if (satisfies(config, parsePlatform(wanted))) return undefined;
  return `image with reference ${ref} was found but its platform (${formatPlatform(config)}) does not match the specified platform (${wanted})`;
}

/** With the tag that a bare name stands for; an id as it is. */
function familiarName(ref: string): string {
  try {
    return familiar(withTag(parseReference(ref)));
  } catch {
    return ref;
  }
}

function plannedMounts(ground: Ground, { host, config }: ContainerPlan): PlannedMount[] {
  const inherited = (host.VolumesFrom ?? []).flatMap((text) => {
    const [ref = "", mode = "rw"] = text.split(":");
    return findContainer(ground, ref).mounts.map((mount) => inheritMount(mount, mode.split(",").includes("ro")));
  });
  return planMounts(host, inherited, Object.keys(config.Volumes ?? {}));
}

function checkPlatform({ Platform }: ContainerCreate, { config }: ResolvedImage): string[] {
  const own = hostPlatform();
  if (Platform || satisfies(config, own)) return [];
  return [
    `The requested image's platform (${formatPlatform(config)}) does not match the detected host platform (${formatPlatform(own)}) and no specific platform was requested`,
  ];
}

/**
 * docker: what a container names must be there when it is made, not only when it starts, and is known by its id from then on,
 * whatever it is called later; of a network it is asked at the start.
 */
function nameLenders(ground: Ground, { host }: ContainerPlan): void {
  for (const kind of ["IpcMode", "PidMode"] as const) {
    const [, ref] = /^container:(.*)$/s.exec(host[kind] ?? "") ?? [];
    if (ref !== undefined) host[kind] = `container:${findContainer(ground, ref).id}`;
  }
  if (host.Runtime) runtimeFor(ground, host.Runtime);
}

/** What cannot work is refused before anything is made; what works with less is a warning. */
function checkHost({ host }: ContainerPlan): string[] {
  const facts = hostFacts();
  grantCapabilities({ add: host.CapAdd, drop: host.CapDrop, privileged: host.Privileged }, facts.capabilities);
  host.DeviceCgroupRules?.forEach(parseDeviceRule);
  limitsOf(host, facts);
  const { warnings } = rlimitsOf(host, facts);
  warnings.push(...oomScoreOf(host, facts).warnings, ...memoryWarnings(host, facts));
  if (host.OomKillDisable && !host.Memory)
    warnings.push(
      "OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.",
    );
  if (host.NetworkMode === "host" && Object.keys(host.PortBindings ?? {}).length > 0)
    warnings.push("Published ports are discarded when using host network mode");
  if (host.UsernsMode && host.UsernsMode !== "host")
    throw new EngineError("unsupported", `cannot use the user namespace mode "${host.UsernsMode}": berth maps no users yet`);
  return warnings;
}

interface NewRow {
  id: string;
  name: string | undefined;
  image: ResolvedImage;
  spec: ContainerCreate;
  plan: ContainerPlan;
  points: MountPoint[];
}

function insertRow(ground: Ground, { id, name, image, spec, plan, points }: NewRow): Lease {
  const row = {
    id,
    image: image.id,
    image_ref: spec.Image,
    status: "creating",
    config: JSON.stringify(plan.config),
    host_config: JSON.stringify(plan.host),
    networking: JSON.stringify(spec.NetworkingConfig?.EndpointsConfig ?? {}),
    mounts: JSON.stringify(points),
    path: plan.path,
    args: JSON.stringify(plan.args),
    created: Date.now(),
    started: never,
    finished: never,
    ...{
      pid: 0,
      pid_start: "",
      monitor_pid: 0,
      monitor_start: "",
      exit_code: 0,
      error: "",
      oom_killed: 0,
      restart_count: 0,
      direct: 0,
      stopped_by_user: 0,
    },
  };
  for (let attempt = 0; ; attempt++) {
    const chosen = name ?? randomName(attempt);
    try {
      return ground.db.transaction(() => {
        ground.db.insert("containers", { ...row, name: chosen });
        return takeLease(ground, "container", id);
      });
    } catch (error) {
      if (!isConstraintError(error)) throw error;
      const holder = ground.db.get<{ id: string }>("SELECT id FROM containers WHERE name = ?", chosen);
      if (name !== undefined) throw nameConflict(name, holder?.id ?? "");
    }
  }
}

/** A volume that is a mount of its own: see copyConfined, and which program has such threads. */
function isFilledByThreads(ground: Ground, { type, source, noCopy, options = {} }: PlannedMount): boolean {
  return type === "volume" && !noCopy && (Object.keys(options).length > 0 || hasOwnMount(ground, source));
}

/** Content of the image at a new volume's place becomes the volume's content. */
async function populateVolumes(
  ground: Ground,
  id: string,
  image: ResolvedImage,
  plan: ContainerPlan,
  volumes: readonly MountPoint[],
): Promise<void> {
  if (volumes.length === 0) return;
  const root = await mountRoot(ground, { id, image: image.id, imageRef: image.reference, host: plan.host }, image);
  try {
    for (const { Name = "", Destination } of volumes) {
      const found = directoryInRoot(root, Destination);
      if (!found) continue;
      try {
        if (Destination === "/etc") makeNameFiles(found.path);
        // Its real path: nothing runs in this root yet that could move it.
        await copyUp(ground, { volume: Name, source: readlinkSync(found.path), container: id, copyConfined });
      } finally {
        closeSync(found.fd);
      }
    }
  } finally {
    unmountOverlay(root);
  }
}

/** docker's images have these, empty: what is mounted upon them finds them in a new volume, which may be read-only. */
function makeNameFiles(etc: string): void {
  for (const name of ["hosts", "hostname", "resolv.conf"]) {
    const path = join(etc, name);
    if (!lstatSync(path, { throwIfNoEntry: false })) closeSync(openSync(path, "wx", 0o644));
  }
}

/** Two threads, each confined to its side: a process that changes either tree meanwhile cannot lead them out of it. */
async function copyConfined(source: string, target: string): Promise<void> {
  const { packTree, unpackTree } = await import("../../image/layer/tree-stream.ts");
  await unpackTree(target, packTree(source, { overlay: false, path: "", name: "", root: true, nanoseconds: true }));
}

function writeIdFile(ground: Ground, file: string | undefined, id: string): void {
  if (!file) return;
  try {
    writeFileSync(file, id, { flag: "wx", mode: usersMode(ground, 0o644) });
  } catch (cause) {
    throw new EngineError("invalid", `cannot write the container ID file "${file}": ${(cause as Error).message}`, { cause, exit: 125 });
  }
}
