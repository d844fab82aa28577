/**
 * Carrying `RUN --mount` out: directories on the host that the step's container gets as bind mounts. Secrets live in a
 * tmpfs of the step's own, so that they never touch the disk.
 */
import { createHash } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join, posix, resolve } from "node:path";
import type { OciMount } from "../../container/spec/index.ts";
import type { CacheMount, RunMount, SecretMount, SshMount } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import { compareText } from "../../state/sorted.ts";
import { MS, mount as mountFilesystem, unmount } from "../../sys/libc.ts";
import { makeCacheDirectory, recordUse, takeCacheMount } from "../cache/index.ts";
import { type Entry, secretValue, selectSources } from "../context/index.ts";
import type { BuildOptions } from "../index.ts";
import { copySources } from "./copy-files.ts";
import type { PreparedMount } from "./prepare-mounts.ts";
import type { BuildScope } from "./scope.ts";

export interface OpenMounts extends AsyncDisposable {
  mounts: OciMount[];
  /** SSH_AUTH_SOCK, and secrets asked for as variables. */
  environment: Record<string, string>;
  /** There is a secret in the environment: what it is written to must not be on a disk. */
  isSecret: boolean;
}

interface Opening {
  scope: BuildScope;
  /** Of this step; what is made in it goes with the workspace. */
  directory: string;
  stack: AsyncDisposableStack;
  environment: Record<string, string>;
  isSecret: boolean;
}

/** @param directory of the step, removed with it */
export async function openMounts(scope: BuildScope, directory: string, mounts: readonly PreparedMount[]): Promise<OpenMounts> {
  const opening: Opening = {
    scope,
    directory: join(directory, "mounts"),
    stack: new AsyncDisposableStack(),
    environment: {},
    isSecret: false,
  };
  mkdirSync(opening.directory, { mode: 0o700 });
  try {
    const made: OciMount[] = [];
    // Locks of cache mounts in one order for all builds: two steps that want the same two cannot wait for each other.
    for (const each of mounts.toSorted((a, b) => compareText(cacheName(a), cacheName(b))))
      made.push(...(await open(opening, each, mounts.indexOf(each))));
    const { environment, isSecret } = opening;
    return { mounts: made, environment, isSecret, [Symbol.asyncDispose]: () => opening.stack.disposeAsync() };
  } catch (error) {
    await opening.stack.disposeAsync();
    throw error;
  }
}

async function open(opening: Opening, prepared: PreparedMount, index: number): Promise<OciMount[]> {
  const { mount, target } = prepared;
  switch (mount.type) {
    case "bind":
      return [bind(await filesOf(opening, prepared, join(opening.directory, String(index))), target, mount.readOnly)];
    case "cache":
      return [bind(await openCache(opening, prepared, mount), target, mount.readOnly)];
    case "tmpfs":
      return [
        {
          destination: target,
          type: "tmpfs",
          source: "tmpfs",
          options: ["nosuid", "nodev", ...(mount.size ? [`size=${mount.size}`] : [])],
        },
      ];
    case "secret":
      return openSecret(opening, mount, target, index);
    default:
      return openAgent(opening, mount, target, index);
  }
}

function bind(source: string, destination: string, readOnly: boolean): OciMount {
  return { destination, type: "bind", source, options: ["rbind", "rprivate", readOnly ? "ro" : "rw"] };
}

/**
 * The files of a bind, copied: .dockerignore counts, nothing leads out of the tree, and writes are thrown away. The directory
 * itself has the attributes of its source; that of the build context belongs to root, as only root may enter it.
 * @returns a directory, or a file when the source is one
 */
async function filesOf({ scope, stack }: Opening, { mount, inputs }: PreparedMount, to: string): Promise<string> {
  const origin = await inputs?.open();
  if (!origin) throw new EngineError("internal", "a bind mount without files");
  stack.use(origin);
  mkdirSync(to, { mode: 0o755 });
  const files = join(to, "files");
  const sources = selectSources(origin.tree, sourceOf(mount));
  await copySources(to, sources, { destination: "/files", signal: scope.signal });
  if (!existsSync(files)) mkdirSync(files);
  const top = sources[0]?.entry;
  if (top?.type === "directory" && ("from" in mount ? mount.from !== undefined : top.path !== "")) likeSource(files, top);
  return files;
}

const sourceOf = (mount: RunMount) => ("source" in mount ? (mount.source ?? "/") : "/");

function likeSource(directory: string, { uid, gid, mode, mtime }: Entry): void {
  chownSync(directory, uid, gid);
  chmodSync(directory, mode);
  utimesSync(directory, mtime / 1000, mtime / 1000);
}

/** True for `from=…,source=…`: the directory has its own owner and mode, and `uid`, `gid` and `mode` say nothing. */
const hasOwner = ({ mount, inputs }: PreparedMount) => inputs !== undefined && posix.join("/", sourceOf(mount)) !== "/";

/** What a cache is told apart by, as in BuildKit: its id, the files it begins with, and the owner of its directory. */
function cacheName(prepared: PreparedMount): string {
  const { mount, cacheId, inputs } = prepared;
  if (mount.type !== "cache") return "";
  const made = hasOwner(prepared) ? [] : [mount.uid, mount.gid, mount.mode];
  const more = inputs || made.some((each) => each !== undefined);
  return createHash("sha256")
    .update(more ? JSON.stringify([cacheId, inputs?.digest ?? "", made.map((each) => each ?? null)]) : cacheId)
    .digest("hex")
    .slice(0, 32);
}

/** A directory that outlives builds, made with the files of `from` when it is new. */
async function openCache(opening: Opening, prepared: PreparedMount, mount: CacheMount): Promise<string> {
  const { scope, stack } = opening;
  const { ground } = scope;
  makeCacheDirectory(ground);
  const { name, directory } = stack.use(await takeCacheMount(ground, cacheName(prepared), mount.sharing));
  recordUse(ground, name, prepared.cacheId);
  if (existsSync(directory)) return directory;
  const initial = prepared.inputs ? await filesOf(opening, prepared, join(opening.directory, `cache-${name}`)) : undefined;
  if (initial) renameSync(initial, directory);
  else mkdirSync(directory, { recursive: true });
  if (hasOwner(prepared)) return directory;
  chmodSync(directory, mount.mode ?? 0o755);
  chownSync(directory, mount.uid ?? 0, mount.gid ?? 0);
  return directory;
}

async function openSecret(opening: Opening, mount: SecretMount, target: string, index: number): Promise<OciMount[]> {
  const id = mount.id ?? basename(target);
  const value = await secretValue(opening.scope.options, id);
  if (value === undefined) {
    if (mount.required)
      throw new EngineError("not-found", `secret ${id}: not found`, {
        hint: `give it with --secret id=${id},src=FILE or --secret id=${id},env=NAME`,
      });
    if (mount.env !== undefined) opening.environment[mount.env] = "";
    return [];
  }
  if (mount.env !== undefined) {
    opening.environment[mount.env] = value.toString();
    opening.isSecret = true;
  }
  if (mount.env !== undefined && mount.target === undefined) return [];
  const file = join(secretsDirectory(opening), String(index));
  writeFileSync(file, value, { mode: 0o600 });
  chownSync(file, mount.uid ?? 0, mount.gid ?? 0);
  chmodSync(file, mount.mode ?? 0o400);
  return [bind(file, target, true)];
}

function secretsDirectory({ directory, stack }: Opening): string {
  const secrets = join(directory, "secrets");
  if (existsSync(secrets)) return secrets;
  mkdirSync(secrets, { mode: 0o700 });
  mountFilesystem("tmpfs", secrets, "tmpfs", MS.NOSUID | MS.NODEV | MS.NOEXEC, "mode=0700,size=16m");
  stack.defer(() => unmount(secrets));
  return secrets;
}

/** The caller's SSH agent by its socket, or one that has the caller's keys: it answers for keys and never gives them away. */
async function openAgent(
  { scope, directory, stack, environment }: Opening,
  mount: SshMount,
  target: string,
  index: number,
): Promise<OciMount[]> {
  const id = mount.id ?? "default";
  const paths = await agentPaths(scope.options, id);
  if (paths.length === 0) {
    if (mount.required)
      throw new EngineError("not-found", `cannot forward the SSH agent "${id}": none was given`, {
        hint: `start ssh-agent and add --ssh ${id}, or give a key: --ssh ${id}=FILE`,
      });
    return [];
  }
  const { sockets, keys } = sortPaths(
    id,
    paths.map((path) => resolve(scope.options.cwd ?? process.cwd(), path)),
  );
  if (keys.length > 0) {
    const { startKeyAgent } = await import("./ssh-agent.ts");
    sockets.push(stack.use(await startKeyAgent(directory, keys)).socket);
  }
  const { relaySocket } = await import("../../sys/socket-relay.ts");
  const relay = join(directory, `ssh-${index}`);
  const { uid = 0, gid = 0, mode = 0o600 } = mount;
  // An agent answers its own user and root alone: this process asks it, on behalf of the step's user.
  stack.use(await relaySocket(relay, sockets[0] as string, { uid, gid, mode }));
  environment["SSH_AUTH_SOCK"] ??= target;
  return [bind(relay, target, false)];
}

async function agentPaths({ client, ssh }: BuildOptions, id: string): Promise<string[]> {
  if (client) return [await client.agent(id)].filter((path) => path !== undefined);
  const given = ssh?.find((each) => each.id === id);
  return given?.paths.length === 0 ? [process.env["SSH_AUTH_SOCK"] ?? ""].filter(Boolean) : (given?.paths ?? []);
}

/** One socket or any number of keys, by docker's rule. */
function sortPaths(id: string, paths: readonly string[]): { sockets: string[]; keys: string[] } {
  const isSocket = (path: string) => statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
  const sockets = paths.filter(isSocket);
  const keys = paths.filter((path) => !isSocket(path));
  if (sockets.length > 1 || (sockets.length === 1 && keys.length > 0))
    throw new EngineError("invalid", `cannot use --ssh ${id}: give one agent's socket, or keys`, { exit: 1 });
  return { sockets, keys };
}
