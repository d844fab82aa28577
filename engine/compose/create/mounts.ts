/** What a service's containers mount: volumes of the project by their names, binds, tmpfs, and files that become secrets and configs. Pure. */
import type { Mount as EngineMount, HostConfig, MountPoint } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { FileMount } from "../elements.ts";
import type { FileObject, Project } from "../project.ts";
import type { Mount, Service } from "../service.ts";
import { bytes, given, mode } from "./amounts.ts";

/**
 * @param inherited of the container that is replaced: its anonymous volumes go on
 * @param declared paths that the image declares as volumes
 */
export function mountsOf(
  project: Project,
  service: Service,
  inherited: readonly MountPoint[] = [],
  declared: readonly string[] = [],
): Pick<HostConfig, "Binds" | "Mounts" | "Tmpfs"> {
  const volumes = service.volumes ?? [];
  const [plain, others] = [volumes.filter(isPlain), volumes.filter((mount) => !isPlain(mount))];
  const named = new Set([...volumes.map(({ target }) => target), ...(service.tmpfs ?? []).map((text) => text.split(":", 1)[0]!)]);
  const kept = declared.flatMap((target) => (named.has(target) ? [] : (anonymous(inherited, target) ?? [])));
  const files = boundFiles(project, service);
  return given({
    Binds: plain.map((mount) => bindOf(project, mount)),
    Mounts: [...others.map((mount) => engineMount(project, mount, inherited)), ...kept, ...files],
    Tmpfs: service.tmpfs && Object.fromEntries(service.tmpfs.map(splitTmpfs)),
  });
}

/** What the old form of a mount ("SOURCE:TARGET:rw") says in full: docker compose gives it to the engine so, and other tools look for it there. */
function isPlain({ type, source, target, bind, volume }: Mount): boolean {
  if (source === undefined || `${source}${target}`.includes(":")) return false;
  if (type === "bind") return !bind || (bind.create_host_path === true && !bind.propagation && !bind.recursive);
  return type === "volume" && !volume?.nocopy && !volume?.subpath && Object.keys(volume?.labels ?? {}).length === 0;
}

function bindOf(project: Project, { type, source = "", target, read_only, bind }: Mount): string {
  const name = type === "volume" ? nameOf(project, source) : source;
  return [name, target, [read_only ? "ro" : "rw", ...(bind?.selinux ? [bind.selinux] : [])].join(",")].join(":");
}

const nameOf = (project: Project, volume: string) => project.model.volumes?.[volume]?.name ?? volume;

function engineMount(project: Project, mount: Mount, inherited: readonly MountPoint[]): EngineMount {
  const base = { Target: mount.target, ...(mount.read_only && { ReadOnly: true }) };
  switch (mount.type) {
    case "volume":
      return mount.source === undefined
        ? (anonymous(inherited, mount.target)?.[0] ?? { Type: "volume", ...base })
        : namedVolume(project, mount);
    case "bind":
      return given({ Type: "bind", ...base, Source: mount.source, BindOptions: bindOptions(mount) }) as EngineMount;
    case "tmpfs":
      return given({
        Type: "tmpfs",
        ...base,
        TmpfsOptions: mount.tmpfs && given({ SizeBytes: bytes(mount.tmpfs.size), Mode: mount.tmpfs.mode }),
      }) as EngineMount;
    case "image":
      return given({
        Type: "image",
        ...base,
        Source: mount.source,
        ImageOptions: mount.image?.subpath ? { Subpath: mount.image.subpath } : undefined,
      }) as EngineMount;
    default:
      throw new EngineError("unsupported", `cannot mount "${mount.target}": mounts of the type "${mount.type}" are not supported`);
  }
}

/**
 * The options that only a mount of its own kind has. A missing directory of the host is made for the short form, which says so, and for
 * a long one with no `bind` at all; with one it has to say so itself: a `false` is no longer there when a file has been read.
 */
function bindOptions({ bind }: Mount): EngineMount["BindOptions"] {
  return given({
    Propagation: bind?.propagation,
    CreateMountpoint: bind ? (bind.create_host_path ?? false) : true,
    NonRecursive: bind?.recursive === "disabled" ? true : undefined,
    ReadOnlyNonRecursive: bind?.recursive === "writable" ? true : undefined,
    ReadOnlyForceRecursive: bind?.recursive === "readonly" ? true : undefined,
  });
}

function namedVolume(project: Project, { source = "", target, read_only, volume }: Mount): EngineMount {
  const options = given({ NoCopy: volume?.nocopy, Subpath: volume?.subpath, Labels: volume?.labels });
  return {
    Type: "volume",
    Source: nameOf(project, source),
    Target: target,
    ...(read_only && { ReadOnly: true }),
    ...(Object.keys(options).length > 0 && { VolumeOptions: options }),
  };
}

/** The volume without a name of its own that the replaced container had at a path. */
function anonymous(inherited: readonly MountPoint[], target: string): EngineMount[] | undefined {
  const found = inherited.find(
    ({ Type, Destination, Name }) => Type === "volume" && Destination === target && /^[0-9a-f]{64}$/.test(Name ?? ""),
  );
  return found && [{ Type: "volume", Source: found.Name!, Target: target }];
}

function splitTmpfs(text: string): [string, string] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** A secret or config as a service has it. */
export interface NamedFile {
  kind: "secret" | "config";
  /** Its key in the project. */
  key: string;
  object: FileObject;
  target: string;
  /** What the service asks for; a bound file keeps its own. */
  uid?: number;
  gid?: number;
  mode?: number;
}

/** @throws EngineError `invalid` for one that the project does not have */
export function filesOf(project: Project, service: Service): NamedFile[] {
  const of = (kind: NamedFile["kind"], mounts: readonly FileMount[] = [], objects: Record<string, FileObject> = {}) =>
    mounts.map((mount): NamedFile => {
      const object = objects[mount.source];
      if (!object) throw new EngineError("invalid", `${kind} "${mount.source}" is not defined`);
      if (object.external)
        throw new EngineError("unsupported", `unsupported external ${kind} ${mount.source}`, {
          hint: `give it a file, or (with an environment variable) a value`,
        });
      // Nothing can be written into a container that is read-only: a file is bound then with the rights that it has, as docker compose does.
      const isKept = service.read_only && object.file !== undefined;
      const rights = isKept ? {} : { uid: number(mount.uid), gid: number(mount.gid), mode: mode(mount.mode) };
      return given({ kind, key: mount.source, object, target: targetOf(kind, mount), ...rights });
    });
  return [...of("secret", service.secrets, project.model.secrets), ...of("config", service.configs, project.model.configs)];
}

function targetOf(kind: NamedFile["kind"], { source, target }: FileMount): string {
  const root = kind === "secret" ? "/run/secrets/" : "/";
  if (!target) return `${root}${source}`;
  return target.startsWith("/") ? target : `${root}${target}`;
}

const number = (text: string | undefined) => (text === undefined || !/^\d+$/.test(text) ? undefined : Number(text));

/** Files of the host with no rights of their own asked for are bound, as docker compose does: what changes there is seen. */
function boundFiles(project: Project, service: Service): EngineMount[] {
  return filesOf(project, service)
    .filter(isBound)
    .map(({ object, target }) => ({
      Type: "bind",
      Source: object.file!,
      Target: target,
      ReadOnly: true,
      BindOptions: { CreateMountpoint: false },
    }));
}

/** True for a file of the host as it is; others are written into the container. */
export function isBound({ object, uid, gid, mode }: NamedFile): boolean {
  return object.file !== undefined && uid === undefined && gid === undefined && mode === undefined;
}
