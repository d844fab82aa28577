/** What a provenance is made from: a build's options, plan and materials, without anything that is secret or this host's alone. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BuildFacts, ProvenanceWish } from "../../attest/index.ts";
import { defaultBuilder, withoutSecrets } from "../../attest/provenance/slsa.ts";
import { isRemoteContext } from "../../dockerfile/remote-source.ts";
import { formatPlatform, hostPlatform } from "../../platform.ts";
import { findProgram, runProcess } from "../../process/spawn.ts";
import type { Ground } from "../../state/ground.ts";
import type { BuildOptions } from "../index.ts";
import type { Made, Telling } from "./made.ts";

/** One call of the builder: the same for the images of all platforms. */
export interface Invocation {
  id: string;
  vcs: NonNullable<BuildFacts["vcs"]>;
}

export async function invocationOf(options: BuildOptions, { source, signal }: Telling): Promise<Invocation> {
  const isOwn = !source.context.temporary && !options.client && options.attests?.some(({ type }) => type === "provenance");
  return { id: randomUUID(), vcs: isOwn ? await vcsOf(source.context.directory, signal) : {} };
}

/** Of a working copy; git answers about its own, and about nobody else's. */
async function vcsOf(directory: string, signal: AbortSignal): Promise<Invocation["vcs"]> {
  const program = existsSync(join(directory, ".git")) ? findProgram("git") : undefined;
  if (!program) return {};
  const ask = async (...args: string[]) => {
    const { status, stdout } = await runProcess(program, args, { cwd: directory, signal });
    return status === 0 ? stdout.trim() : "";
  };
  const revision = await ask("rev-parse", "HEAD");
  const source = withoutSecrets(await ask("config", "--get", "remote.origin.url"));
  return { ...(source && { source }), ...(revision && { revision }) };
}

export function factsOf(
  ground: Ground,
  options: BuildOptions,
  made: Made,
  { started, source }: Telling,
  { id, vcs }: Invocation,
  wish: ProvenanceWish,
): BuildFacts {
  const { context } = options;
  const material = made.materials.find((each) => each.kind !== "image" && each.url === context);
  const mounts = mountsOf(made);
  return {
    invocation: id,
    started: started.toISOString(),
    finished: new Date().toISOString(),
    builder: { id: wish.builderId ?? defaultBuilder, version: ground.options.version ?? "" },
    machine: formatPlatform(hostPlatform()),
    dockerfile: { name: dockerfileName(options), text: source.text },
    ...(isRemoteContext(context) && { remote: { url: context, ...(material && { material }) } }),
    parameters: parametersOf(options),
    secrets: mounts("secret"),
    ssh: mounts("ssh"),
    locals: localsOf(options, source.context.temporary && !options.client),
    materials: distinct(made),
    reachesNetwork: made.reachesNetwork,
    vcs,
  };
}

/** As it was named, but for where this host has it. */
function dockerfileName({ file = "Dockerfile" }: BuildOptions): string {
  if (file === "-" || file === "") return "Dockerfile";
  const name = file.replace(/^local:/, "");
  return /^https?:/.test(name) ? withoutSecrets(name) : name.startsWith("/") ? name.slice(name.lastIndexOf("/") + 1) : name;
}

function distinct({ materials }: Made): BuildFacts["materials"] {
  return [...new Map(materials.map((each) => [JSON.stringify(each), each])).values()];
}

/** Ids of the secrets or agents that steps use. */
function mountsOf({ plan }: Made): (type: "secret" | "ssh") => string[] {
  const mounts = plan.reachable.flatMap(({ stage }) => stage.instructions.flatMap((each) => (each.kind === "run" ? each.mounts : [])));
  return (type) => [...new Set(mounts.flatMap((mount) => (mount.type === type ? [idOf(mount) ?? "default"] : [])))];
}

const idOf = (mount: object): string | undefined => (mount as { id?: string }).id;

function localsOf({ context, file, dockerfile, buildContexts = {} }: BuildOptions, received: boolean): string[] {
  const named = Object.entries(buildContexts).flatMap(([name, value]) =>
    /^[a-z][a-z0-9+.-]*:\/\//.test(value) || isRemoteContext(value) ? [] : [name],
  );
  const isContext = !received && !isRemoteContext(context) && context !== "-";
  const isFile = dockerfile === undefined && (isContext || (file !== undefined && file !== "-" && !isRemoteContext(file)));
  return [...(isContext ? ["context"] : []), ...(isFile ? ["dockerfile"] : []), ...named];
}

const proxies = /^(?:https?|ftp|no|all)_proxy$/i;

/** By the names of BuildKit's frontend. Proxies are this host's, and may have passwords; paths of named contexts are this host's, too. */
function parametersOf(options: BuildOptions): Record<string, string> {
  const { target, network, buildArgs = {}, labels = {}, buildContexts = {}, noCache } = options;
  const told = Object.entries(buildArgs).filter(([name]) => !proxies.test(name));
  const place = (name: string, value: string) => (/^[a-z][a-z0-9+.-]*:\/\//.test(value) ? withoutSecrets(value) : `local:${name}`);
  return {
    ...(target && { target }),
    ...(network && network !== "default" && { "force-network-mode": network }),
    ...(noCache && { "no-cache": "" }),
    ...Object.fromEntries(told.map(([name, value]) => [`build-arg:${name}`, value])),
    ...Object.fromEntries(Object.entries(labels).map(([name, value]) => [`label:${name}`, value])),
    ...Object.fromEntries(Object.entries(buildContexts).map(([name, value]) => [`context:${name}`, place(name, value)])),
  };
}
