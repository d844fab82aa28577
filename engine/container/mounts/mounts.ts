/**
 * What a container mounts from outside its image: binds, volumes, tmpfs. Planning merges all the ways to ask for it
 * (-v, --mount, --tmpfs, --volumes-from, VOLUME of the image) as docker does; resolving makes the volumes.
 */

import { existsSync, mkdirSync, statSync } from "node:fs";
import { isAbsolute, normalize } from "node:path";
import type { HostConfig, Mount, MountPoint } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { resolveImage } from "../../image/store/index.ts";
import { hostFacts } from "../../runtime/host-facts.ts";
import { emit } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { restrictionsOf } from "../../sys/files.ts";
import { tidyPath } from "../plan/index.ts";
import type { ContainerRecord } from "../record/index.ts";
import { checkKernelPlace, type OciMount, tmpfsMount } from "../spec/index.ts";
import { lowersOfMount } from "./rootfs.ts";
import { bindImage, bindSubpath } from "./subpath.ts";

/** A mount as wanted, before anything exists. */
export interface PlannedMount {
  type: "bind" | "volume" | "tmpfs" | "image";
  /** Host path; for volumes the name, "" for an anonymous one; for images a reference. */
  source: string;
  destination: string;
  readOnly: boolean;
  /** Words of -v after the paths, as inspect shows them. */
  mode: string;
  propagation: string;
  /** Do not copy the image's content into a new volume. */
  noCopy: boolean;
  /** Make a missing host directory (-v does, --mount does not). */
  createSource: boolean;
  subpath?: string;
  labels?: Record<string, string>;
  options?: Record<string, string>;
  tmpfs?: string;
}

const propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];
const modeWords = new Set(["ro", "rw", "z", "Z", "nocopy", "consistent", "cached", "delegated", "rbind", "bind", ...propagations]);

const alternatives: readonly (readonly string[])[] = [["ro", "rw"], ["z", "Z"], ["consistent", "cached", "delegated"], propagations];
const isAlternative = (one: string, other: string) =>
  one === other || alternatives.some((words) => words.includes(one) && words.includes(other));

/** "SRC:DST[:OPTIONS]" @throws EngineError `invalid` */
export function parseBind(text: string): PlannedMount {
  const parts = text.split(":");
  const [source = "", destination = "", mode = ""] = parts.length === 1 ? ["", ...parts] : parts;
  const words = mode === "" ? [] : mode.split(",");
  const bad = words.find((word, at) => !modeWords.has(word) || words.findIndex((each) => isAlternative(each, word)) < at);
  if (parts.length > 3 || text === "" || (parts.length > 1 && source === ""))
    throw new EngineError("invalid", `invalid volume specification: '${text}'`, { exit: 125 });
  if (bad !== undefined) throw new EngineError("invalid", `invalid mode: ${mode}`, { exit: 125, hint: `"${bad}" is none in '${text}'` });
  const isPath = source.startsWith("/");
  checkDestination(destination, `invalid volume specification: '${text}': invalid mount config for type "${isPath ? "bind" : "volume"}"`);
  checkFitting(words, isPath, text);
  if (source !== "" && !isPath && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(source)) {
    throw new EngineError(
      "invalid",
      `create ${source}: "${source}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
      { exit: 125, hint: `use an absolute path in '${text}'` },
    );
  }
  return {
    type: isPath ? "bind" : "volume",
    source: isPath ? normalize(source) : source,
    destination: tidyPath(destination),
    readOnly: words.includes("ro"),
    mode: mode || (isPath ? "" : "z"),
    propagation: words.find((word) => propagations.includes(word)) ?? (isPath ? "rprivate" : ""),
    noCopy: words.includes("nocopy"),
    createSource: true,
  };
}

/** docker's words: what is copied is a volume's, what is handed on a bind's. */
function checkFitting(words: readonly string[], isBind: boolean, text: string): void {
  const stranger = words.find((word) => (isBind ? word === "nocopy" : propagations.includes(word)));
  if (stranger === undefined) return;
  const [type, field] = isBind ? ["bind", "VolumeOptions"] : ["volume", "BindOptions"];
  const why = `invalid mount config for type "${type}": field ${field} must not be specified`;
  throw new EngineError("invalid", `invalid volume specification: '${text}': ${why}`, {
    exit: 125,
    hint: `leave out ${stranger}`,
  });
}

/** @param what of what is wrong with it */
function checkDestination(destination: string, what: string): void {
  if (!isAbsolute(destination))
    throw new EngineError("invalid", `${what}: invalid mount path: '${destination}' mount path must be absolute`, { exit: 125 });
  if (tidyPath(destination) === "/")
    throw new EngineError("invalid", `${what}: invalid specification: destination can't be '/'`, { exit: 125 });
}

const mountTypes: readonly string[] = ["bind", "volume", "tmpfs", "image"];

function checkMount({ Type, Source = "", Target = "", ReadOnly, BindOptions, VolumeOptions, ImageOptions, TmpfsOptions }: Mount): void {
  const what = `invalid mount config for type "${Type ?? ""}"`;
  const refuse = (why: string) => new EngineError("invalid", `${what}: ${why}`, { exit: 125 });
  if (!mountTypes.includes(Type)) throw refuse("mount type unknown");
  if (Target === "") throw refuse("field Target must not be empty");
  checkDestination(Target, what);
  if (Source === "" && (Type === "bind" || Type === "image")) throw refuse("field Source must not be empty");
  if (Source !== "" && Type === "tmpfs") throw refuse("field Source must not be specified");
  if (Type === "bind" && !isAbsolute(Source)) throw refuse(`invalid mount path: '${Source}' mount path must be absolute`);
  const { Propagation = "" } = BindOptions ?? {};
  if (Propagation !== "" && !propagations.includes(Propagation)) throw refuse(`invalid propagation mode: ${Propagation}`);
  const subpath = VolumeOptions?.Subpath || ImageOptions?.Subpath || "";
  if (isAbsolute(subpath) || subpath.split("/").includes("..")) throw refuse("subpath must be a relative path within the volume");
  if (Type === "volume" && Source === "" && subpath) throw refuse("must not set Subpath when using anonymous volumes");
  if (Type === "volume" && Source === "" && ReadOnly) throw refuse("must not set ReadOnly mode when using anonymous volumes");
  const strange = TmpfsOptions?.Options?.find((option) => option.length > 2 || !["exec", "noexec"].includes(option[0] ?? ""));
  if (strange) throw refuse(strange.length === 1 || strange.length === 2 ? `invalid option: ${strange[0]}` : "invalid option array length");
  const driver = VolumeOptions?.DriverConfig?.Name || "local";
  if (driver !== "local")
    throw new EngineError("not-found", `create ${Source}: error looking up volume plugin ${driver}: plugin "${driver}" not found`, {
      exit: 125,
    });
}

/** `--mount` @throws EngineError `invalid` */
function parseMount(mount: Mount): PlannedMount {
  const { Type, Source = "", Target, ReadOnly = Type === "image", BindOptions, VolumeOptions, TmpfsOptions, ImageOptions } = mount;
  checkMount(mount);
  const subpath = VolumeOptions?.Subpath ?? ImageOptions?.Subpath;
  const size = TmpfsOptions?.SizeBytes ? [`size=${TmpfsOptions.SizeBytes}`] : [];
  const mode = TmpfsOptions?.Mode ? [`mode=${TmpfsOptions.Mode.toString(8)}`] : [];
  const options = (TmpfsOptions?.Options ?? []).map((option) => option.join("="));
  return {
    type: Type,
    source: Type === "bind" ? normalize(Source) : Source,
    destination: tidyPath(Target),
    readOnly: ReadOnly || Type === "image",
    mode: Type === "volume" ? "z" : "",
    propagation: Type === "bind" ? BindOptions?.Propagation || "rprivate" : "",
    noCopy: (VolumeOptions?.NoCopy ?? false) || Boolean(VolumeOptions?.Subpath),
    createSource: BindOptions?.CreateMountpoint ?? false,
    ...(subpath && { subpath }),
    ...(VolumeOptions?.Labels && { labels: VolumeOptions.Labels }),
    ...(VolumeOptions?.DriverConfig?.Options && { options: VolumeOptions.DriverConfig.Options }),
    ...(Type === "tmpfs" && { tmpfs: [...(ReadOnly ? ["ro"] : []), ...size, ...mode, ...options].join(",") }),
  };
}

/**
 * All mounts of a container, one per destination. What the user names wins over --volumes-from, and that over the image.
 * @param inherited mounts of the containers named by --volumes-from
 * @param imageVolumes VOLUME of the image, and `-v /path`
 * @throws EngineError `invalid` for two mounts at one place, and for one on or in /proc
 */
export function planMounts(host: HostConfig, inherited: readonly PlannedMount[], imageVolumes: readonly string[]): PlannedMount[] {
  const explicit = [...(host.Binds ?? []).map(parseBind), ...(host.Mounts ?? []).map(parseMount)];
  const planned = new Map(inherited.map((mount) => [mount.destination, mount]));
  const seen = new Set<string>();
  for (const mount of explicit) {
    if (seen.has(mount.destination) || host.Tmpfs?.[mount.destination] !== undefined)
      throw new EngineError("invalid", `Duplicate mount point: ${mount.destination}`, { exit: 125 });
    seen.add(mount.destination);
    planned.set(mount.destination, mount);
  }
  for (const path of imageVolumes.map(tidyPath)) {
    if (planned.has(path) || host.Tmpfs?.[path] !== undefined) continue;
    checkDestination(path, `invalid volume specification: '${path}'`);
    planned.set(path, {
      type: "volume",
      source: "",
      destination: path,
      readOnly: false,
      mode: "",
      propagation: "",
      noCopy: false,
      createSource: true,
    });
  }
  for (const mount of planned.values()) {
    checkKernelPlace(mount.destination, mount);
    if (mount.type === "bind") checkBindSource(mount.source);
  }
  for (const destination of Object.keys(host.Tmpfs ?? {})) checkKernelPlace(tidyPath(destination), { type: "tmpfs" });
  return [...planned.values()];
}

/** What belongs to whoever looks would be the runtime's own: its working directory is the bundle. */
function checkBindSource(source: string): void {
  if (/^\/proc\/(thread-)?self(\/|$)/.test(source))
    throw new EngineError("invalid", `cannot mount "${source}": it is something else for each process`, {
      exit: 125,
      hint: "name the directory itself; is the current one gone, or its name not UTF-8?",
    });
}

/** A mount of another container, for --volumes-from "NAME[:ro|rw]". */
export function inheritMount(mount: MountPoint, readOnly: boolean): PlannedMount {
  const source = mount.Type === "bind" ? mount.Source : (mount.Name ?? "");
  return {
    type: mount.Type,
    source,
    destination: mount.Destination,
    readOnly: readOnly || !mount.RW,
    mode: mount.Mode,
    propagation: mount.Propagation,
    noCopy: true, // docker: it is the other's, whose image has filled it, or left it empty
    createSource: false,
    ...(mount.Subpath && { subpath: mount.Subpath }),
  };
}

/** How the mount is recorded: an anonymous volume has its name before it exists, so that a crash leaves no volume without a record. */
export async function mountPointOf(ground: Ground, mount: PlannedMount): Promise<MountPoint> {
  const common = { Destination: mount.destination, Mode: mount.mode, RW: !mount.readOnly, Propagation: mount.propagation };
  if (mount.type === "tmpfs") return { Type: "tmpfs", Source: "", ...common, Mode: mount.tmpfs ?? "" };
  if (mount.type === "bind") return { Type: "bind", Source: mount.source, ...common };
  const part = mount.subpath && { Subpath: mount.subpath };
  if (mount.type === "image") return { Type: "image", Name: await imageOf(ground, mount.source), Source: mount.source, ...common, ...part };
  const { newVolumeName, volumeDirectory } = await import("../../volume/ensure.ts");
  const name = mount.source || newVolumeName();
  const { Destination, ...how } = common;
  return {
    Type: "volume",
    Name: name,
    Source: volumeDirectory(ground, name),
    Destination,
    Driver: "local", // here in docker's JSON, too
    ...how,
    ...part,
  };
}

/** An image's id. @throws EngineError `not-found`: a mount pulls nothing; `untrusted` */
async function imageOf(ground: Ground, reference: string): Promise<string> {
  const found = resolveImage(ground, reference);
  if (found) {
    await ground.lent.trust.admit({ name: found.reference, image: found.id });
    return found.id;
  }
  throw new EngineError("not-found", `No such image: ${reference}`, { exit: 125, hint: `pull it with 'berth pull ${reference}'` });
}

/**
 * Makes the volume, or a bind's missing directory.
 * @throws EngineError `invalid` when a bind's source is missing and not to be made
 */
export async function makeSource(ground: Ground, mount: PlannedMount, point: MountPoint): Promise<void> {
  if (mount.type === "bind") ensureSource(mount);
  if (mount.type !== "volume") return;
  const { ensureVolume } = await import("../../volume/ensure.ts");
  await ensureVolume(ground, { name: point.Name!, anonymous: mount.source === "", labels: mount.labels, options: mount.options });
}

function ensureSource({ source, createSource }: PlannedMount): void {
  if (existsSync(source)) return;
  if (!createSource)
    throw new EngineError("invalid", `invalid mount config for type "bind": bind source path does not exist: ${source}`, {
      exit: 125,
      hint: "make the directory first",
    });
  try {
    mkdirSync(source, { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw new EngineError("invalid", `cannot make the bind source "${source}": ${(cause as Error).message}`, { cause, exit: 125 });
  }
}

/** The OCI form, at a start. @throws EngineError `invalid` when a bind's source is gone */
export async function ociMounts(
  ground: Ground,
  { id, mounts, host }: Pick<ContainerRecord, "id" | "mounts" | "host">,
): Promise<OciMount[]> {
  const result: OciMount[] = [];
  for (const mount of mounts) {
    if (mount.Type === "tmpfs") result.push(tmpfsMount(mount.Destination, mount.Mode));
    else {
      const options = { readOnly: !mount.RW, propagation: mount.Propagation, ...recursionOf(mount, host) };
      result.push(bindMount(await sourceOf(ground, id, mount), mount.Destination, options));
    }
  }
  for (const [destination, options] of Object.entries(host.Tmpfs ?? {})) result.push(tmpfsMount(destination, options));
  return result;
}

async function sourceOf(ground: Ground, id: string, mount: MountPoint): Promise<string> {
  if (mount.Type === "volume") {
    const { mountVolume } = await import("../../volume/ensure.ts");
    const { Name = "", Destination: destination, Propagation: propagation } = mount;
    const data = await mountVolume(ground, Name);
    emit(ground, "volume", "mount", Name, { container: id, destination, driver: "local", propagation, "read/write": String(mount.RW) });
    if (mount.Subpath) return bindSubpath(ground, id, data, mount.Subpath);
    return mount.Source.startsWith(`${data}/`) ? mount.Source : data;
  }
  if (mount.Type === "image") return bindImage(ground, id, await lowersOfMount(ground, mount), mount.Subpath);
  if (statSync(mount.Source, { throwIfNoEntry: false })) return mount.Source;
  throw new EngineError("invalid", `invalid mount config for type "bind": bind source path does not exist: ${mount.Source}`, { exit: 125 });
}

/** `bind-recursive`: whether what is mounted below a bind's source comes along, and whether :ro counts for that too. */
function recursionOf({ Destination, Type }: MountPoint, { Mounts = [] }: HostConfig): Pick<BindChoices, "flat" | "recursiveReadOnly"> {
  const asked = (Type === "bind" && Mounts.find(({ Target }) => tidyPath(Target) === Destination)?.BindOptions) || {};
  const [major, minor] = hostFacts().kernel;
  const able = major > 5 || (major === 5 && minor >= 12); // mount_setattr(2)
  if (asked.ReadOnlyForceRecursive && !able)
    throw new EngineError("unsupported", `cannot mount "${Destination}" read-only with all below it: the kernel is older than 5.12`);
  return { flat: asked.NonRecursive ?? false, recursiveReadOnly: able && !asked.ReadOnlyNonRecursive };
}

interface BindChoices {
  readOnly?: boolean;
  propagation?: string;
  /** Without what is mounted below the source. */
  flat?: boolean;
  /** Read-only is what is mounted below the source, too. */
  recursiveReadOnly?: boolean;
}

/** A bind forbids what the mount that its source lies on forbids: the kernel's own way, which crun needs to be told. */
export function bindMount(source: string, destination: string, choices: BindChoices = {}): OciMount {
  const { readOnly = false, propagation = "", flat = false, recursiveReadOnly = false } = choices;
  // Nothing is mounted below a file; crun 1.8 takes "rro" for a directory's.
  const all = recursiveReadOnly && statSync(source).isDirectory();
  const access = readOnly ? ["ro", ...(all ? ["rro"] : [])] : ["rw"];
  const spread = propagation || "rprivate";
  // crun takes the "r" of either word for both.
  const binding = flat ? ["bind", ...access, spread.replace(/^r/, "")] : ["rbind", ...access, spread];
  const options = [...binding, ...restrictionsOf(source)];
  return { destination, type: "bind", source, options };
}
