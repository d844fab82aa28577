/** The `build` of a service as a build of the engine. Pure, but for the caller's environment in the project. */
import { isAbsolute, join } from "node:path";
import type { BuildOptions } from "../../build/index.ts";
import { EngineError } from "../../errors.ts";
import type { Build } from "../build-section.ts";
import { bytes, given } from "../create/amounts.ts";
import { ulimitsOf } from "../create/resources.ts";
import { composeVersion, imageName, label } from "../labels.ts";
import type { Project } from "../project.ts";
import type { Service } from "../service.ts";

export interface BuildWishes {
  noCache?: boolean;
  pull?: boolean;
  /** Over those of the file. */
  args?: Record<string, string>;
  /** Beside those of the file: "default", or "ID=PATH". */
  ssh?: readonly string[];
  /** "true", "false", or attributes like "mode=max"; over that of the file. */
  provenance?: string;
  sbom?: string;
  /** For one platform, whatever the file lists: its containers run here. */
  forThisHost?: boolean;
}

/** A context that a builder fetches. */
export const isRemote = (context: string) =>
  /^(https?:\/\/|git:\/\/|ssh:\/\/|github\.com\/|git@|docker-image:\/\/|oci-layout:\/\/)/.test(context);

/** @throws EngineError `invalid` for a secret that the project does not have, and for what is no attestation */
export function buildOf(project: Project, name: string, service: Service, wishes: BuildWishes = {}): BuildOptions {
  const build = service.build!;
  const context = build.context ?? project.directory;
  const image = imageName(project, name, service);
  const { platforms = [] } = build;
  return given({
    context,
    ...dockerfileOf(build, context),
    tags: [image, ...(build.tags ?? [])],
    buildArgs: { ...project.proxies, ...argsOf(project, build), ...wishes.args },
    target: build.target,
    noCache: wishes.noCache || build.no_cache || undefined,
    pull: wishes.pull || build.pull || undefined,
    platform: service.platform ?? (platforms.length > 1 && wishes.forThisHost ? undefined : platforms.join(",") || undefined),
    labels: { ...build.labels, [label.project]: project.model.name, [label.service]: name, [label.version]: composeVersion },
    secrets: secretsOf(project, build),
    ssh: build.ssh || wishes.ssh?.length ? [...(build.ssh ?? []), ...(wishes.ssh ?? [])].map(sshOf) : undefined,
    network: build.network,
    allow: [...(build.entitlements ?? []), ...(build.privileged ? ["security.insecure"] : [])],
    addHosts: build.extra_hosts?.map((entry) => entry.replace("=", ":")),
    shmSize: bytes(build.shm_size),
    ulimits: ulimitsOf(build.ulimits),
    buildContexts: contextsOf(project, build),
    cacheFrom: build.cache_from?.map(cacheOf),
    cacheTo: build.cache_to?.map(cacheOf),
    attests: attestsOf({ provenance: wishes.provenance ?? build.provenance, sbom: wishes.sbom ?? build.sbom }),
    cwd: project.directory,
  });
}

function dockerfileOf({ dockerfile, dockerfile_inline }: Build, context: string): Pick<BuildOptions, "file" | "dockerfile"> {
  if (dockerfile_inline !== undefined) return { dockerfile: dockerfile_inline };
  if (dockerfile === undefined) return {};
  return { file: isRemote(context) || isAbsolute(dockerfile) ? dockerfile : join(context, dockerfile) };
}

/** An argument without a value has that of the environment, or none. */
function argsOf({ environment }: Project, { args = {} }: Build): Record<string, string> {
  return Object.fromEntries(
    Object.entries(args).flatMap(([name, value]) => {
      const text = value ?? environment[name];
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

function secretsOf({ environment, model }: Project, { secrets }: Build): BuildOptions["secrets"] {
  return secrets?.map(({ source, target }) => {
    const secret = model.secrets?.[source];
    if (!secret) throw new EngineError("invalid", `secret "${source}" of a build is not defined`);
    const value = secret.environment === undefined ? undefined : environment[secret.environment];
    return given({ id: target ?? source, file: secret.file, env: secret.environment, value });
  });
}

/** "" is the agent, too. */
function sshOf(text: string): NonNullable<BuildOptions["ssh"]>[number] {
  const [id, path] = text.split(/=(.*)/s);
  return { id: id || "default", paths: path ? [path] : [] };
}

/** What another service's build makes is known by its image. */
function contextsOf(project: Project, { additional_contexts }: Build): Record<string, string> | undefined {
  if (!additional_contexts) return undefined;
  return Object.fromEntries(
    Object.entries(additional_contexts).map(([name, value]) => {
      if (!value.startsWith("service:")) return [name, value];
      const service = value.slice("service:".length);
      return [name, `docker-image://${imageName(project, service, anyService(project, service))}`];
    }),
  );
}

/** A service, chosen or not: another's build may need what it builds. */
export function anyService({ model, disabled }: Pick<Project, "model" | "disabled">, name: string): Service {
  return model.services[name] ?? disabled[name] ?? {};
}

/** Services whose builds come first. */
export function buildNeeds({ build }: Service): string[] {
  return Object.values(build?.additional_contexts ?? {}).flatMap((value) => (value.startsWith("service:") ? [value.slice(8)] : []));
}

/** "type=local,src=/c", or an image alone. */
function cacheOf(text: string): Record<string, string> {
  if (!text.includes("=")) return { type: "registry", ref: text };
  return fieldsOf(text);
}

/** "mode=max,version=v1" */
function fieldsOf(text: string): Record<string, string> {
  return Object.fromEntries(text.split(",").map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

function attestsOf(wanted: Record<string, string | undefined>): BuildOptions["attests"] {
  const given = Object.entries(wanted).flatMap(([type, text]) => (text === undefined ? [] : [[type, text] as const]));
  return given.length === 0 ? undefined : given.map(([type, text]) => ({ type, attributes: attributesOf(type, text) }));
}

/** @throws EngineError `invalid` for what is neither a truth value nor attributes */
function attributesOf(type: string, text: string): Record<string, string> {
  if (text.includes("=")) return fieldsOf(text);
  if (/^(?:true|1)$/i.test(text)) return {};
  if (/^(?:false|0)$/i.test(text)) return { disabled: "true" };
  throw new EngineError("invalid", `invalid value "${text}" for ${type}`, { hint: "write true, false, or attributes like mode=max" });
}
