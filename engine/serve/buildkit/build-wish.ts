/** What BuildKit's clients say of a build, as the engine's options: attributes of the dockerfile frontend, exporters, caches. Pure. */
import type { BuildOptions } from "../../build/index.ts";
import type { Ulimit } from "../../docker.ts";
import { isRemoteContext } from "../../dockerfile/remote-source.ts";
import { EngineError } from "../../errors.ts";

export type Attributes = Readonly<Record<string, string>>;
export interface Named {
  Type: string;
  Attrs: Attributes;
}

export interface BuildWish {
  frontend: string;
  attributes: Attributes;
  exporters: readonly Named[];
  cacheImports: readonly Named[];
  cacheExports: readonly Named[];
  entitlements: readonly string[];
}

const unsupported = (message: string, hint?: string) => new EngineError("unsupported", message, { exit: 1, ...(hint && { hint }) });

/** All but where the context comes from, which is `contextOf`'s. @throws EngineError `unsupported`, `invalid` */
export function buildOptionsOf({ frontend, attributes, exporters, cacheImports, cacheExports, entitlements }: BuildWish): BuildOptions {
  checkFrontend(frontend, attributes);
  refuse(attributes);
  const { target, platform, "force-network-mode": network, "shm-size": shmSize, "no-cache": noCache } = attributes;
  const outputs = exporters.length > 0 ? exporters.map(outputOf) : [{ type: "cacheonly" as const, attributes: {} }];
  return {
    context: "context",
    ...(attributes["filename"] && { file: attributes["filename"] }),
    ...(target && { target }),
    ...(platform && { platform }),
    ...(network && { network }),
    ...(shmSize && { shmSize: integer("shm-size", shmSize) }),
    ...(noCache === "" && { noCache: true }),
    ...(noCache && { noCacheFilter: csv(noCache) }),
    pull: attributes["image-resolve-mode"] === "pull",
    addHosts: csv(attributes["add-hosts"] ?? "").map((each) => each.replace("=", ":")),
    ulimits: csv(attributes["ulimit"] ?? "").map(toUlimit),
    buildArgs: behind(attributes, "build-arg:"),
    labels: behind(attributes, "label:"),
    buildContexts: contextsIn(attributes),
    annotations: Object.assign({}, ...exporters.map(annotationsOf)),
    allow: [...entitlements],
    cacheFrom: [...cacheImports.map(fieldsOf), ...csv(attributes["cache-from"] ?? "").map((ref) => ({ type: "registry", ref }))],
    cacheTo: cacheExports.map(fieldsOf),
    attests: attestsIn(attributes),
    outputs,
  };
}

/**
 * Where the context comes from, and the Dockerfile beside a remote one.
 * @param upload of the URL that stands for an archive in the client's hands
 */
export function contextOf(
  attributes: Attributes,
): { kind: "client" } | { kind: "upload"; url: URL } | { kind: "remote"; options: Partial<BuildOptions> } {
  const { context, filename, dockerfilekey } = attributes;
  if (!context) return { kind: "client" };
  const url = URL.parse(context);
  if (url?.hostname === "buildkit-session") return { kind: "upload", url };
  if (!isRemoteContext(context)) throw new EngineError("invalid", `cannot build from "${context}": it is no URL of a context`);
  const file = dockerfilekey ? { file: `local:${filename || "Dockerfile"}` } : {};
  return { kind: "remote", options: { context, ...file } };
}

/** The dockerfile frontend is berth's own, whichever version of it is named. */
function checkFrontend(frontend: string, { source = "" }: Attributes): void {
  if (frontend === "dockerfile.v0") return;
  if (frontend === "gateway.v0" && /(?:^|\/)docker\/dockerfile(?:-upstream)?(?:[:@]|$)/.test(source)) return;
  throw unsupported(
    frontend === "gateway.v0" ? `cannot build with the frontend "${source}"` : `cannot build with the frontend "${frontend}"`,
    "berth builds Dockerfiles, by a frontend of its own",
  );
}

const refused = ["cgroup-parent", "memory", "memswap", "cpushares", "cpuperiod", "cpuquota", "cpusetcpus", "cpusetmems"];

function refuse(attributes: Attributes): void {
  const found = refused.find((name) => attributes[name]);
  if (found) throw unsupported(`berth has nothing for "${found}" of a build: leave it out`, "a build is not limited");
  if (Object.keys(attributes).some((name) => name.startsWith("input:")))
    throw unsupported("cannot take a build's result as a context", "build it under a name, and use docker-image://NAME");
}

/** Names to what they stand for: a client's directory is "local:NAME". */
function contextsIn(attributes: Attributes): Record<string, string> {
  const contexts = behind(attributes, "context:");
  const input = Object.values(contexts).find((value) => value.startsWith("input:"));
  if (input)
    throw unsupported(`cannot take "${input}", a build's result, as a context`, "build it under a name, and use docker-image://NAME");
  return contexts;
}

/** What buildx asks for of its own accord: nobody wished for it, and docker's own image store has no place for it, either. */
const unasked = "mode=min,inline-only=true";

/** "attest:provenance": "mode=max" */
function attestsIn(attributes: Attributes): NonNullable<BuildOptions["attests"]> {
  const asked = Object.entries(behind(attributes, "attest:")).filter(([, value]) => value !== unasked);
  return asked.map(([type, value]) => ({ type, attributes: pairsOf(csv(value)) }));
}

/** A name alone has no value. */
function pairsOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => [word.replace(/=.*$/s, ""), /=(.*)$/s.exec(word)?.[1] ?? ""]));
}

function behind(attributes: Attributes, prefix: string): Record<string, string> {
  const found = Object.entries(attributes).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

type Output = NonNullable<BuildOptions["outputs"]>[number];
const outputTypes: Readonly<Record<string, Output["type"]>> = {
  moby: "image",
  image: "image",
  docker: "docker",
  oci: "oci",
  local: "local",
  tar: "tar",
};

/** Attributes that ask for what is always so, or for what only other builders have; "dest" is the client's business. */
const passedOver = [
  "dest",
  "load",
  "prefer-image-digest",
  "buildinfo-attrs",
  "dangling-name-prefix",
  "name-canonical",
  "oci-artifact",
  "oci-mediatypes",
];

function outputOf({ Type, Attrs }: Named): Output {
  if (Type === "") return { type: "cacheonly", attributes: {} };
  const type = outputTypes[Type];
  if (!type) throw unsupported(`cannot export a build's result as "${Type}"`, `berth knows ${Object.keys(outputTypes).join(", ")}`);
  const entries = Object.entries(Attrs).filter(([name, value]) => value !== "" && !passedOver.includes(name) && !isAnnotation(name));
  const isFile = type === "docker" || type === "oci" || type === "tar";
  return { type, attributes: Object.fromEntries(entries), ...(isFile && { dest: "-" }) };
}

const isAnnotation = (name: string) => name.startsWith("annotation");

/** "annotation.KEY", of manifests; those of an index have no place here. */
function annotationsOf({ Attrs }: Named): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Attrs).flatMap(([name, value]) => {
      const [, kind = "", key] = /^annotation(-[a-z-]+)?(?:\[[^\]]*\])?\.(.+)$/.exec(name) ?? [];
      if (key === undefined) return [];
      if (kind !== "" && kind !== "-manifest") throw unsupported(`cannot write "${name}": the result is no index`);
      return [[key, value] as const];
    }),
  );
}

const fieldsOf = ({ Type, Attrs }: Named): Record<string, string> => ({ type: Type, ...Attrs });

/** RFC 4180, one line. */
function csv(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)]
    .map(([, quoted, plain]) => (quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"')))
    .filter(Boolean);
}

/** "nofile=1024:2048" */
function toUlimit(text: string): Ulimit {
  const [, Name, soft, hard = soft] = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  if (Name === undefined) throw new EngineError("invalid", `invalid ulimit "${text}"`);
  return { Name, Soft: Number(soft), Hard: Number(hard) };
}

function integer(name: string, value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new EngineError("invalid", `invalid value for "${name}": "${value}" is no number`);
  return Number(value);
}
