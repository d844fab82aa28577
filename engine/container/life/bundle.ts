/**
 * What a container needs of the host while it runs: its root file system mounted, its network, its name files, its
 * OCI configuration. Made at each start, taken away after each end; every step of both may have been done already.
 */

import { closeSync, constants, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostConfig } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { mountOverlay, unmountOverlay } from "../../image/layers/index.ts";
import { type ResolvedImage, resolveImage } from "../../image/store/index.ts";
import { beginAttachment, detachNetwork } from "../../network/attachment.ts";
import type { NetworkAttachment } from "../../network/types.ts";
import { expectMove } from "../../runtime/cgroup.ts";
import { deleteRuntimeContainer } from "../../runtime/direct.ts";
import { hostFacts } from "../../runtime/host-facts.ts";
import { emit } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { readBounded } from "../../sys/bounded.ts";
import { makeDirectoryInRoot, openInRoot } from "../../sys/in-root.ts";
import { unmount } from "../../sys/libc.ts";
import type { TerminalSize } from "../../sys/terminal.ts";
import { releaseLog } from "../logs/index.ts";
import {
  bindMount,
  findInit,
  forgetVolatile,
  lowersOfImage,
  makeInitFiles,
  mountSharedMemory,
  ociMounts,
  releaseSubpaths,
  sharedMemoryOf,
} from "../mounts/index.ts";
import { emitNetworks, networkRequest } from "../network/index.ts";
import { processEnvironment } from "../plan/index.ts";
import { chooseGroup, groupOf, prepareGroup, runningContainer } from "../process/index.ts";
import { type ContainerRecord, filesOf, findContainer } from "../record/index.ts";
import {
  createSpec,
  type NamespaceChoice,
  type OciMount,
  planDevices,
  planThrottles,
  resolveUser,
  type SpecInput,
  writeConfig,
} from "../spec/index.ts";
import { hideBundle } from "./ending.ts";

/** Mounts the container's root file system at its `merged` directory. */
export async function mountRoot(
  ground: Ground,
  record: Pick<ContainerRecord, "id" | "image" | "imageRef" | "host">,
  image?: ResolvedImage,
): Promise<string> {
  const { upper, work, merged } = filesOf(ground, record.id);
  const found = image ?? resolveImage(ground, record.image);
  if (!found)
    throw new EngineError(
      "not-found",
      `cannot mount the root file system of "${record.id.slice(0, 12)}": its image "${record.imageRef}" is gone`,
    );
  const lower = lowersOfImage(ground, found);
  if (record.host.AutoRemove) forgetVolatile(work);
  mountOverlay({ lower, upper, work, merged, ...(record.host.AutoRemove && { volatile: true }) });
  return merged;
}

export interface BundleOptions {
  /** The container's, where the caller has it already. */
  image?: ResolvedImage;
  /** Size of the process's terminal; default the one it was created with. */
  size?: TerminalSize;
}

/** What a runtime can be given. */
export interface Bundle {
  /**
   * Connects the container to its networks, before its process runs: while the runtime makes the container, or earlier.
   * @returns reserved sockets, which the caller closes once the monitor holds them
   */
  connect(): Promise<NetworkAttachment>;
}

/** Makes the bundle ready for the runtime. */
export async function prepareBundle(ground: Ground, record: ContainerRecord, { image, size }: BundleOptions = {}): Promise<Bundle> {
  const files = filesOf(ground, record.id);
  rmSync(files.exit, { force: true });
  hideBundle(ground, record.id);
  discard(files.bundle);
  mkdirSync(files.bundle, { recursive: true, mode: 0o700 });
  expectMove();
  const rootfs = await mountRoot(ground, record, image);
  makeInitFiles(rootfs);
  mountSharedMemory(ground, record);
  const links = record.host.Links?.length ? (await import("../network/links.ts")).resolveLinks(ground, record) : undefined;
  const lender = networkLender(ground, record);
  const request = networkRequest(ground, record, lender);
  const network = await beginAttachment(ground, links ? { ...request, links: links.hosts } : request);
  // The runtime mounts them; what they say is known once the network is.
  writeNames(files, { hosts: "", resolvConf: "", hostname: "" });
  const group = chooseGroup(ground, record.id, record.host);
  await prepareGroup(group, record.host);
  const input = await specInput(ground, record, { group, rootfs, netns: network.netns, lender, linked: links?.env });
  if (size) input.consoleSize = { height: size.rows, width: size.columns };
  writeConfig(ground, files.bundle, createSpec(input), record.host.Runtime);
  return {
    async connect() {
      const attachment = await network.connect();
      try {
        emitNetworks(ground, record.id, "connect");
        writeNames(files, attachment.files);
        return attachment;
      } catch (error) {
        for (const fd of attachment.reserved) closeSync(fd);
        throw error;
      }
    },
  };
}

/**
 * Removes the last run's directory. Out of reach first: other processes make one in it for each exec, a health check's too, and
 * need not have noticed yet that the run is over.
 */
function discard(directory: string): void {
  if (!existsSync(directory)) return;
  const away = `${directory}.last`;
  rmSync(away, { recursive: true, force: true });
  renameSync(directory, away);
  try {
    rmSync(away, { recursive: true, force: true });
  } catch {
    // One of them came in by the old name at the last moment: it goes before the next start, or with the container.
  }
}

function writeNames(files: Record<"hosts" | "resolvConf" | "hostname", string>, texts: NetworkAttachment["files"]): void {
  for (const name of ["hosts", "resolvConf", "hostname"] as const) writeFileSync(files[name], texts[name], { mode: 0o644 });
}

/** What was made for this run. */
interface Made {
  group: string;
  /** Where the root file system is mounted. */
  rootfs: string;
  netns: string | undefined;
  /** Whose network this container shares. */
  lender: ContainerRecord | undefined;
  /** Variables of links. */
  linked: readonly string[] | undefined;
}

async function specInput(ground: Ground, record: ContainerRecord, made: Made): Promise<SpecInput> {
  const { config, host } = record;
  const { group, rootfs, netns, lender = record, linked = [] } = made;
  const { Hostname: hostname = "", Domainname: domainname = "" } = lender.config; // who shares a network has its names, too
  const user = resolveUser(rootfs, config.User, host.GroupAdd);
  const cwd = config.WorkingDir || "/";
  makeWorkingDirectory(rootfs, cwd);
  const mounts = [...sharedMemoryOf(ground, record), ...(await ociMounts(ground, record))];
  const profile = (host.SecurityOpt ?? [])
    .map((option) => /^seccomp[:=](.+)$/s.exec(option)?.[1])
    .find((value) => value !== undefined && value !== "unconfined");
  return {
    id: record.id,
    group,
    rootfs,
    args: withInit(record, [record.path, ...record.args], mounts),
    env: processEnvironment({ ...config, Hostname: hostname }, user.home, linked),
    cwd,
    tty: config.Tty,
    ...(host.ConsoleSize && { consoleSize: { height: host.ConsoleSize[0], width: host.ConsoleSize[1] } }),
    user,
    hostname,
    domainname,
    host,
    netns,
    ownNetns: netns !== undefined && !host.NetworkMode?.startsWith("container:"),
    ...namespaceChoices(ground, record),
    mounts: [...nameFiles(filesOf(ground, lender.id), mounts, host), ...mounts],
    devices: planDevices(host),
    throttles: planThrottles(host, hostFacts()),
    ...(profile !== undefined && profile !== "builtin" && { seccompProfile: readProfile(profile) }),
  };
}

/** @throws EngineError `invalid` where a file is in the way */
function makeWorkingDirectory(rootfs: string, path: string): void {
  if (path === "/") return;
  try {
    makeDirectoryInRoot(rootfs, path, 0o755);
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (!["EEXIST", "ENOTDIR"].includes(code)) throw cause;
    throw new EngineError("invalid", `Cannot mkdir: ${path} is not a directory`, { cause, exit: 125 });
  }
}

/** The profile itself, or a path to it: the face may have read the file already, as docker's client does. */
function readProfile(value: string): string {
  if (value.trimStart().startsWith("{")) return value;
  try {
    return readBounded(value).toString("utf8");
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError("invalid", `cannot read the seccomp profile "${value}": ${(cause as Error).message}`, { cause, exit: 125 });
  }
}

/** --init: a tiny first process that forwards signals and reaps orphans, bind-mounted where docker puts it. */
function withInit(record: ContainerRecord, args: string[], mounts: OciMount[]): string[] {
  if (!record.host.Init) return args;
  const program = findInit();
  if (!program)
    throw new EngineError("unsupported", "cannot run an init in the container: none is installed", {
      hint: "install the package tini or catatonit; 'berth doctor' names it",
    });
  mounts.push(bindMount(program, "/sbin/docker-init", { readOnly: true }));
  return ["/sbin/docker-init", "--", ...args];
}

/** /etc/hosts and its kin, where the user did not mount something there; with a shared network they are the other container's. */
function nameFiles(
  { hosts, hostname, resolvConf }: ReturnType<typeof filesOf>,
  mounts: readonly OciMount[],
  { ReadonlyRootfs: readOnly = false }: HostConfig,
): OciMount[] {
  const taken = new Set(mounts.map(({ destination }) => destination));
  const wanted: [string, string][] = [
    ["/etc/resolv.conf", resolvConf],
    ["/etc/hostname", hostname],
    ["/etc/hosts", hosts],
  ];
  return wanted
    .filter(([destination]) => !taken.has(destination))
    .map(([destination, source]) => bindMount(source, destination, { readOnly }));
}

/** --pid, --ipc, --uts, --cgroupns */
function namespaceChoices(ground: Ground, { host }: ContainerRecord): Pick<SpecInput, "pid" | "ipc" | "uts" | "cgroupns"> {
  const choose = (mode: string | undefined, kind: string): NamespaceChoice | undefined => {
    if (mode === "host") return "host";
    if (!mode?.startsWith("container:")) return undefined;
    const other = runningContainer(ground, mode.slice("container:".length), kind);
    return { path: `/proc/${other.pid}/ns/${kind}` };
  };
  const pid = choose(host.PidMode, "pid");
  const ipc = choose(host.IpcMode, "ipc");
  const uts = choose(host.UTSMode, "uts");
  return { ...(pid && { pid }), ...(ipc && { ipc }), ...(uts && { uts }), ...(host.CgroupnsMode && { cgroupns: host.CgroupnsMode }) };
}

/** The container whose network this one shares. */
function networkLender(ground: Ground, { id, host: { NetworkMode = "" } }: ContainerRecord): ContainerRecord | undefined {
  if (!NetworkMode.startsWith("container:")) return undefined;
  const ref = NetworkMode.slice("container:".length);
  if (findContainer(ground, ref).id === id) throw new EngineError("invalid", "cannot join own network", { exit: 125 });
  return runningContainer(ground, ref, "network");
}

/** Takes everything back but the container's files. Idempotent; for ended, half made and lost containers alike. */
export async function releaseBundle(ground: Ground, id: string, volumes: readonly string[] = []): Promise<void> {
  await releaseRun(ground, id, volumes);
  rmSync(filesOf(ground, id).exit, { force: true });
}

/** The same, but leaves the exit file: until the exit is recorded it is the only place that holds the status. Idempotent. */
export async function releaseRun(ground: Ground, id: string, volumes: readonly string[]): Promise<void> {
  const { merged, bundle, shm } = filesOf(ground, id);
  await deleteRuntimeContainer(ground, id, groupOf(ground, id));
  unmountOverlay(merged);
  unmount(shm);
  releaseSubpaths(ground, id);
  await detachNetwork(ground, id, () => emitNetworks(ground, id, "disconnect"));
  releaseLog(ground, id);
  for (const name of ["pidfile", "conmon.pid", "attach", "ctl", "winsz", "shutdown"]) rmSync(join(bundle, name), { force: true });
  if (volumes.length > 0) await (await import("../../volume/ensure.ts")).releaseVolumes(ground, volumes);
  for (const name of volumes) emit(ground, "volume", "unmount", name, { container: id, driver: "local" });
}

/** Names of a record's volumes. */
export function volumesOf(record: Pick<ContainerRecord, "mounts">): string[] {
  return record.mounts.flatMap(({ Type, Name }) => (Type === "volume" && Name ? [Name] : []));
}

/** The directory at a path inside a mounted root, as a host path; undefined when there is none. */
export function directoryInRoot(root: string, path: string): { path: string; fd: number } | undefined {
  try {
    const fd = openInRoot(root, path, constants.O_RDONLY | constants.O_DIRECTORY);
    return { path: `/proc/self/fd/${fd}`, fd };
  } catch {
    return undefined;
  }
}
