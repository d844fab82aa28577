/** What `RUN --mount` brings into a step's key: the content of binds, the shape of the others; never a secret's value. */
import { posix } from "node:path";
import { joinWorkdir } from "../../dockerfile/instructions/workdir.ts";
import type { BindMount, InstructionOf, RunMount, SecretMount, SshMount } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import type { BuildOptions } from "../index.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import type { StageScope } from "./scope.ts";

/** A mount with its target made absolute; binds and cache mounts may have files to start from. */
export interface PreparedMount {
  mount: RunMount;
  target: string;
  inputs?: Inputs;
  /** Of a cache mount, "" for others: caches of one id may be shared. */
  cacheId: string;
}

export interface PreparedMounts {
  /** For the cache key. */
  key: unknown[];
  mounts: PreparedMount[];
}

export async function prepareMounts(scope: StageScope, directory: string, run: InstructionOf<"run">): Promise<PreparedMounts> {
  const mounts: PreparedMount[] = [];
  for (const [index, mount] of run.mounts.entries()) {
    const inputs = hasFiles(mount) ? await readInputs(scope, [mount.source ?? "/"], mount.from, run) : undefined;
    const target = targetOf(mount, directory, index);
    if (posix.normalize(target) === "/")
      throw new EngineError("dockerfile", 'invalid mount target "/"', { hint: "name a directory by target=, or set a WORKDIR before" });
    mounts.push({ mount, target, cacheId: cacheIdOf(mount, scope.options), ...(inputs ? { inputs } : {}) });
  }
  return { mounts, key: mounts.map(keyOf) };
}

function hasFiles(mount: RunMount): mount is BindMount {
  return mount.type === "bind" || (mount.type === "cache" && mount.from !== undefined);
}

/** The target as it is written stands for a missing id; BUILDKIT_CACHE_MOUNT_NS sets builds apart. */
function cacheIdOf(mount: RunMount, { buildArgs = {} }: BuildOptions): string {
  if (mount.type !== "cache") return "";
  const namespace = buildArgs["BUILDKIT_CACHE_MOUNT_NS"];
  const id = mount.id ?? posix.join(mount.target ?? "").replace(/(?<=.)\/$/, "");
  return namespace ? `${namespace}/${id}` : id;
}

/** BuildKit's defaults for secrets and agents. */
function targetOf(mount: RunMount, directory: string, index: number): string {
  if (mount.target !== undefined) return joinWorkdir(directory, mount.target);
  if (mount.type === "secret") return `/run/secrets/${posix.basename(mount.id ?? "")}`;
  return mount.type === "ssh" ? `/run/buildkit/ssh_agent.${index}` : directory;
}

function keyOf({ mount, target, inputs, cacheId }: PreparedMount): unknown {
  const { type, readOnly } = mount;
  const shared = { type, target, readOnly };
  switch (mount.type) {
    case "bind":
      return { ...shared, digest: inputs?.digest, source: mount.source ?? "/" };
    case "cache":
      return { ...shared, id: cacheId, digest: inputs?.digest, uid: mount.uid, gid: mount.gid, mode: mount.mode };
    case "tmpfs":
      return { ...shared, size: mount.size ?? null };
    case "secret":
      return { ...shared, id: mount.id ?? null, env: mount.env ?? null, ...required(mount) };
    default:
      return { ...shared, id: mount.id ?? "default", ...required(mount) };
  }
}

/** What ran without a secret is not what one that must have it would have done. */
const required = (mount: SecretMount | SshMount) => (mount.required ? { required: true } : {});
