/**
 * A build's facts as SLSA provenance, v1 and v0.2, filled in as BuildKit defines it (its "SLSA definitions"), so that what reads
 * BuildKit's reads these. Mode "min" leaves out what may hold secrets: build arguments, labels, ids of secrets, the Dockerfile. Pure.
 */
import { PackageURL } from "packageurl-js";
import { parseReference, repository } from "../../image/documents/index.ts";
import { sortKeys } from "../../state/sorted.ts";
import { predicateTypes } from "../statement.ts";
import type { BuildFacts, Material, ProvenanceWish } from "./facts.ts";

export const defaultBuilder = "urn:berth:builder";

const definitions = "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md";
const buildType02 = "https://mobyproject.org/buildkit@v1";

/** @returns the type and the predicate */
export function provenanceOf(facts: BuildFacts, wish: ProvenanceWish): { predicateType: string; predicate: object } {
  return wish.version === "v1"
    ? { predicateType: predicateTypes.slsa1, predicate: slsa1(facts, wish) }
    : { predicateType: predicateTypes.slsa02, predicate: slsa02(facts, wish) };
}

function slsa1(facts: BuildFacts, wish: ProvenanceWish): object {
  const { complete, hermetic } = judged(facts, wish);
  const { uri, digest } = sourceOf(facts);
  return {
    buildDefinition: {
      buildType: definitions,
      externalParameters: {
        configSource: { ...(uri && { uri }), ...(digest && { digest }), path: facts.dockerfile.name },
        request: parametersOf(facts, wish),
      },
      internalParameters: { builderPlatform: facts.machine },
      resolvedDependencies: facts.materials.map(dependencyOf),
    },
    runDetails: {
      builder: { id: facts.builder.id, version: { berth: facts.builder.version } },
      metadata: {
        invocationId: facts.invocation,
        startedOn: facts.started,
        finishedOn: facts.finished,
        buildkit_metadata: metadataOf(facts, wish),
        buildkit_hermetic: hermetic,
        buildkit_completeness: { request: complete.parameters, resolvedDependencies: complete.materials },
        buildkit_reproducible: wish.reproducible ?? false,
      },
    },
  };
}

function slsa02(facts: BuildFacts, wish: ProvenanceWish): object {
  const { complete, hermetic } = judged(facts, wish);
  const { uri, digest } = sourceOf(facts);
  return {
    builder: { id: facts.builder.id },
    buildType: buildType02,
    materials: facts.materials.map(dependencyOf),
    invocation: {
      configSource: { ...(uri && { uri }), ...(digest && { digest }), entryPoint: facts.dockerfile.name },
      parameters: parametersOf(facts, wish),
      environment: { platform: facts.machine },
    },
    metadata: {
      buildInvocationID: facts.invocation,
      buildStartedOn: facts.started,
      buildFinishedOn: facts.finished,
      completeness: { ...complete, environment: true },
      reproducible: wish.reproducible ?? false,
      [`${buildType02}#metadata`]: metadataOf(facts, wish),
      [`${buildType02}#hermetic`]: hermetic,
    },
  };
}

/** Whether what is told is all there is, and whether the result depends on nothing else. */
function judged({ locals, reachesNetwork, parameters }: BuildFacts, { mode }: ProvenanceWish) {
  const materials = locals.length === 0;
  const isTold = mode === "max" || Object.keys(parameters).every((name) => !isForMax(name));
  return { complete: { parameters: isTold, materials }, hermetic: materials && !reachesNetwork };
}

/** What only mode "max" tells. */
const isForMax = (name: string) => /^(?:build-arg|label):/.test(name);

function parametersOf({ parameters, secrets, ssh, locals }: BuildFacts, { mode }: ProvenanceWish): object {
  const isMax = mode === "max";
  const told = Object.fromEntries(Object.entries(parameters).filter(([name]) => isMax || !isForMax(name)));
  const named = (ids: readonly string[]) => ids.map((id) => ({ id, optional: true }));
  return {
    frontend: "dockerfile.v0",
    ...(Object.keys(told).length > 0 && { args: sortKeys(told) }),
    ...(isMax && secrets.length > 0 && { secrets: named(secrets) }),
    ...(isMax && ssh.length > 0 && { ssh: named(ssh) }),
    ...(locals.length > 0 && { locals: locals.map((name) => ({ name })) }),
  };
}

function metadataOf({ vcs, dockerfile }: BuildFacts, { mode }: ProvenanceWish): object {
  const data = Buffer.from(dockerfile.text).toString("base64");
  return {
    ...(vcs && Object.keys(vcs).length > 0 && { vcs }),
    ...(mode === "max" && { source: { infos: [{ filename: dockerfile.name, language: "Dockerfile", data }] } }),
  };
}

function sourceOf({ remote }: BuildFacts): { uri?: string; digest?: Record<string, string> } {
  if (!remote) return {};
  return remote.material ? dependencyOf(remote.material) : { uri: withoutSecrets(remote.url) };
}

function dependencyOf(material: Material): { uri: string; digest: Record<string, string> } {
  if (material.kind === "git") return { uri: withoutSecrets(material.url), digest: { sha1: material.commit } };
  const [algorithm = "", hex = ""] = material.digest.split(":");
  const uri = material.kind === "http" ? withoutSecrets(material.url) : imageUrl(material);
  return { uri, digest: { [algorithm]: hex } };
}

/** "pkg:docker/busybox@1.36?platform=linux%2Famd64": images of Docker Hub without its name. */
function imageUrl({ name, platform, digest }: Extract<Material, { kind: "image" }>): string {
  if (/^(?:sha256:)?[0-9a-f]{64}$/.test(name))
    return new PackageURL("docker", null, name.replace(/^sha256:/, ""), null, { platform }, null).toString();
  const reference = parseReference(name);
  const [, path = ""] = /^(?:docker\.io\/(?:library\/)?)?(.*)$/.exec(repository(reference)) ?? [];
  const slash = path.lastIndexOf("/");
  const qualifiers = { platform, ...(reference.digest && { digest }) };
  const namespace = slash < 0 ? null : path.slice(0, slash);
  return new PackageURL(
    "docker",
    namespace,
    path.slice(slash + 1),
    reference.tag ?? (reference.digest ? null : "latest"),
    qualifiers,
    null,
  ).toString();
}

/** User and password of a URL are for its server alone. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}
