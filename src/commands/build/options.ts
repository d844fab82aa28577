/** The words of a `berth build` line as the engine's options. Pure, but for the environment that it is given. */
import { resolve } from "node:path";
import { EngineError } from "../../../engine/errors.ts";
import type { BuildOptions } from "../../../engine/index.ts";
import { clientProxies } from "../../client-config.ts";
import type { Context, Input } from "../command.ts";
import { readText } from "../container/flags/identity.ts";
import { parseHost } from "../container/flags/network.ts";
import { isSet, listOf, numberOf, pairsOf, splitPair, textOf } from "../flag-values.ts";

/** What the flags ask for. @throws EngineError `usage` */
export function optionsOf({ io, signal }: Context, input: Input): BuildOptions {
  const given = <T>(value: T | undefined, name: keyof BuildOptions) => (value === undefined ? {} : { [name]: value });
  const outputs = listOf(input, "output").map(parseOutput);
  if (isSet(input, "push")) outputs.push({ type: "image", attributes: { push: "true" } });
  return {
    context: input.args[0] ?? ".",
    cwd: io.cwd,
    signal,
    tags: listOf(input, "tag"),
    buildArgs: buildArgs(listOf(input, "build-arg"), io.env),
    labels: pairsOf(listOf(input, "label")),
    annotations: pairsOf(listOf(input, "annotation")),
    noCache: isSet(input, "no-cache"),
    noCacheFilter: listOf(input, "no-cache-filter"),
    noVerify: isSet(input, "no-verify"),
    pull: isSet(input, "pull"),
    addHosts: listOf(input, "add-host").map(parseHost),
    secrets: listOf(input, "secret").map(parseSecret),
    ssh: listOf(input, "ssh").map(parseSsh),
    ulimits: listOf(input, "ulimit").map(parseUlimit),
    allow: listOf(input, "allow"),
    ...(input.args[0] === "-" || textOf(input, "file") === "-" ? given(io.streams.stdin, "stdin") : {}),
    ...given(textOf(input, "network"), "network"),
    ...given(textOf(input, "file"), "file"),
    ...given(textOf(input, "target"), "target"),
    ...given(textOf(input, "platform"), "platform"),
    ...given(numberOf(input, "shm-size"), "shmSize"),
    ...given(numberOf(input, "max-size"), "maxSize"),
    ...given(profileOf(textOf(input, "security-profile"), io.cwd), "securityProfile"),
    buildContexts: pairsOf(listOf(input, "build-context").map(namedContext)),
    outputs,
    ...(outputs.some(({ dest }) => dest === "-") ? { stdout: io.streams.stdout } : {}),
    cacheFrom: listOf(input, "cache-from").map(cacheFields),
    cacheTo: listOf(input, "cache-to").map(cacheFields),
    attests: attestsIn(input),
  };
}

function profileOf(file: string | undefined, cwd: string): BuildOptions["securityProfile"] {
  if (file === undefined) return undefined;
  const path = resolve(cwd, file);
  return { file: path, text: readText(path) };
}

/** A bare name is taken from the environment, and left out when it is not there; SOURCE_DATE_EPOCH and proxies come by themselves. */
function buildArgs(words: readonly string[], env: Record<string, string | undefined>): Record<string, string> {
  const args = clientProxies();
  if (env["SOURCE_DATE_EPOCH"]) args["SOURCE_DATE_EPOCH"] = env["SOURCE_DATE_EPOCH"];
  for (const word of words) {
    const [key, value] = splitPair(word);
    if (key === "") throw new EngineError("usage", `invalid build argument "${word}": the name is missing`);
    if (word.includes("=")) args[key] = value;
    else if (env[key] !== undefined) args[key] = env[key];
  }
  return args;
}

/** Without a source, the environment variable of the secret's name where there is one, else the file of that name. */
function parseSecret(text: string): { id: string; file?: string; env?: string } {
  const fields = pairsOf(text.split(","));
  const { id, src = fields["source"], env, type } = fields;
  if (!id || (type !== undefined && type !== "file" && type !== "env")) {
    throw new EngineError("usage", `invalid secret "${text}"`, { hint: "write id=ID,src=FILE or id=ID,env=NAME" });
  }
  if (env !== undefined) return { id, env };
  if (type === "env") return { id, env: src ?? id };
  return src === undefined && process.env[id] !== undefined ? { id, env: id } : { id, file: src ?? id };
}

function parseSsh(text: string): { id: string; paths: string[] } {
  const [id, path] = splitPair(text);
  return { id, paths: path === "" ? [] : path.split(",") };
}

function parseUlimit(text: string): { Name: string; Soft: number; Hard: number } {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (!match) throw new EngineError("usage", `invalid ulimit "${text}"`, { hint: "write NAME=SOFT[:HARD], for instance nofile=1024:4096" });
  const [, Name = "", soft, hard = soft] = match;
  return { Name, Soft: Number(soft), Hard: Number(hard) };
}

function namedContext(word: string): string {
  if (/^[^=]+=./.test(word)) return word;
  throw new EngineError("usage", `invalid build context "${word}"`, { hint: "write NAME=DIRECTORY or NAME=docker-image://REFERENCE" });
}

/** "type=local,dest=out" as pairs; a word without "=" is no pair. */
function fieldsOf(text: string): Record<string, string> {
  return pairsOf(text.split(","));
}

/** A name alone is that of a cache or an image in a registry, as docker has it; `type=inline` has no more to say. */
function cacheFields(text: string): Record<string, string> {
  return text.includes("=") ? fieldsOf(text) : { type: "registry", ref: text };
}

type Attest = NonNullable<BuildOptions["attests"]>[number];

/** The flag of a type goes before `--attest` of it, as buildx has it. */
function attestsIn(input: Input): Attest[] {
  const given = listOf(input, "attest").map((text): Attest => {
    const { type = "", ...attributes } = text.includes("=") ? fieldsOf(text) : { type: text };
    if (type === "")
      throw new EngineError("usage", `invalid attestation "${text}": type is missing`, { hint: "write type=sbom or type=provenance" });
    return { type, attributes };
  });
  const shorthand = (type: string): Attest[] => {
    const text = textOf(input, type);
    if (text === undefined) return [];
    if (text.includes("=")) return [{ type, attributes: fieldsOf(text) }];
    if (!/^(?:true|false|1|0)$/i.test(text))
      throw new EngineError("usage", `invalid value "${text}" for --${type}`, { hint: "write true, false, or attributes like mode=max" });
    return [{ type, attributes: /^(?:false|0)$/i.test(text) ? { disabled: "true" } : {} }];
  };
  return [...given, ...shorthand("provenance"), ...shorthand("sbom")];
}

type Output = NonNullable<BuildOptions["outputs"]>[number];

/** A directory alone is type=local, "-" is a tar on standard output, as docker has it. */
function parseOutput(text: string): Output {
  if (!text.includes("=")) return text === "-" ? { type: "tar", dest: "-", attributes: {} } : { type: "local", dest: text, attributes: {} };
  const { type = "", dest, ...attributes } = fieldsOf(text);
  if (!isOutputType(type)) {
    throw new EngineError("usage", `invalid output "${text}": ${type === "" ? "type is missing" : `there is no type "${type}"`}`, {
      hint: "use type=local, tar, oci, docker or image",
    });
  }
  return { type, ...(dest === undefined ? {} : { dest }), attributes };
}

function isOutputType(type: string): type is Output["type"] {
  return ["image", "local", "tar", "oci", "docker"].includes(type);
}
