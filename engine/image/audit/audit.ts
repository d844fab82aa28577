/**
 * What can be held against an image: each check on what its layers, its configuration and its history are. For builds, whose Dockerfiles
 * demand some of them, and for `image security`, which makes them all.
 */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { layerDirectory, layersOf } from "../layers/index.ts";
import type { HistoryEntry, ImageConfig, SecurityCheck, SecurityFinding } from "../types.ts";
import { factsOf, knownFacts, type LayerFacts } from "./layer-facts.ts";
import { LayerUnion } from "./layer-union.ts";
import { isSecretVariable, secretsIn } from "./secrets.ts";

/** An image, or what is about to become one. */
export interface Audited {
  config: NonNullable<ImageConfig["config"]>;
  history: readonly HistoryEntry[];
  chainId: string;
}

/** True when all layers have been looked at before: then an audit takes no time. */
export function isLookedAt(ground: Ground, chainId: string): boolean {
  return (layersOf(ground, chainId) ?? []).every(({ dir }) => knownFacts(layerDirectory(ground, dir)) !== undefined);
}

/**
 * Makes checks, in their order; what is wrong of each.
 * @throws EngineError `corrupt` when a layer is missing, `invalid` for what cannot be looked at
 */
export async function audit(
  ground: Ground,
  image: Audited,
  checks: readonly SecurityCheck[],
  signal?: AbortSignal,
): Promise<SecurityFinding[]> {
  const rows = layersOf(ground, image.chainId)?.toReversed();
  if (!rows) throw new EngineError("corrupt", `cannot look at layer "${image.chainId}": it is not in the store`);
  const directories = rows.map(({ dir }) => layerDirectory(ground, dir));
  const layers: LayerFacts[] = [];
  if (checks.some((check) => check !== "user")) for (const each of directories) layers.push(await factsOf(each, signal));
  using union = new LayerUnion(directories.map((directory) => `${directory}/diff`));
  return checks.flatMap((check) => made[check]({ image, layers, union }).map((finding) => ({ Check: check, ...finding })));
}

interface Sight {
  image: Audited;
  /** Lowest first. */
  layers: readonly LayerFacts[];
  union: LayerUnion;
}

type Finding = Omit<SecurityFinding, "Check">;

const made: Record<SecurityCheck, (sight: Sight) => Finding[]> = { user: rootUser, setuid: powers, secrets, shell: shells };

/** docker's rules: a name of passwd(5) goes before a number, and nothing is root. */
function rootUser({ image, union }: Sight): Finding[] {
  const { User = "" } = image.config;
  const [name = ""] = User.split(":");
  const place = said(image, "USER", "");
  if (name === "") return [{ Message: "it runs as root: it has no USER" }];
  const row = (union.read("/etc/passwd") ?? "").split("\n").find((line) => line.split(":", 1)[0] === name);
  const uid = row ? row.split(":")[2] : name;
  if (uid === undefined || !/^\d{1,10}$/.test(uid))
    return [{ Message: `it runs as nobody knows whom: its /etc/passwd has no user ${JSON.stringify(name)}`, ...place }];
  return Number(uid) === 0 ? [{ Message: `it runs as root: USER ${User}`, ...place }] : [];
}

/** The last entry of the history of an instruction that has a word in it. */
function said({ history }: Audited, keyword: string, word: string): Pick<Finding, "History"> {
  const at = history.findLastIndex(({ created_by: text = "" }) => text.startsWith(`${keyword} `) && text.includes(word));
  return at < 0 ? {} : { History: at + 1 };
}

const octal = (mode: number) => mode.toString(8).padStart(4, "0");

function powers(sight: Sight): Finding[] {
  return visible(sight, ({ powers }) => powers).map(({ fact: { path, mode, capabilities }, layer }) => ({
    Message: `${JSON.stringify(path)} ${capabilities.length > 0 ? `has ${capabilities.join(", ")}` : `has mode ${octal(mode)}`}`,
    ...{ Path: path, Mode: octal(mode), Layer: layer + 1 },
    ...(capabilities.length > 0 && { Capabilities: capabilities }),
  }));
}

function shells(sight: Sight): Finding[] {
  const leads = (path: string) => {
    const { stats } = sight.union.follow(path) ?? {};
    return stats?.isFile() === true && (stats.mode & 0o111) !== 0;
  };
  return visible(sight, ({ shells }) => shells)
    .filter(({ fact: { path } }) => leads(path))
    .sort((a, b) => Number(a.fact.as.startsWith("link")) - Number(b.fact.as.startsWith("link"))) // busybox has hundreds
    .map(({ fact: { path, as }, layer }) => ({ Message: `${JSON.stringify(path)} is a shell (${as})`, Path: path, Layer: layer + 1 }));
}

/** What is still there in the sum of all layers, which is all that a container sees. */
function visible<T extends { path: string }>(
  { layers, union }: Sight,
  of: (facts: LayerFacts) => readonly T[],
): { fact: T; layer: number }[] {
  return layers.flatMap((facts, layer) => of(facts).flatMap((fact) => (union.find(fact.path)?.layer === layer ? [{ fact, layer }] : [])));
}

/** A layer goes wherever the image goes, with what later layers hide. */
function secrets({ image, layers, union }: Sight): Finding[] {
  const inFiles = layers.flatMap((facts, layer) =>
    facts.secrets.map(({ path, kind, line }) => {
      const isHidden = union.find(path)?.layer !== layer;
      const later = isHidden ? ", which a later layer hides and every copy of the image has" : "";
      return {
        Message: `${JSON.stringify(path)} holds what looks like a secret (${kind}, line ${line})${later}`,
        ...{ Path: path, Kind: kind, Line: line, Layer: layer + 1 },
        ...(isHidden && { Hidden: true }),
      };
    }),
  );
  const inConfig = secretsOfConfig(image);
  return [...inFiles, ...inConfig, ...secretsOfHistory(image).filter((each) => !inConfig.some((known) => isSame(known, each)))];
}

function secretsOfConfig(image: Audited): Finding[] {
  const { Env, Labels, Cmd, Entrypoint, Healthcheck } = image.config;
  const placed = (keyword: string, word: string, found: Finding[]) =>
    found.map((finding) => ({ ...finding, ...said(image, keyword, word) }));
  const commands = Object.entries({ CMD: Cmd, ENTRYPOINT: Entrypoint, HEALTHCHECK: Healthcheck?.Test });
  return [
    ...(Env ?? []).flatMap((entry) => placed("ENV", entry.split("=", 1)[0]!, variableSecret("ENV", entry))),
    ...Object.entries(Labels ?? {}).flatMap(([name, text]) => placed("LABEL", name, textSecrets(`LABEL ${JSON.stringify(name)}`, text))),
    ...commands.flatMap(([keyword, words]) => placed(keyword, "", textSecrets(keyword, (words ?? []).join(" ")))),
  ];
}

function variableSecret(keyword: "ENV" | "ARG", entry: string): Finding[] {
  const at = entry.indexOf("=");
  if (at < 0) return [];
  const [name, value] = [entry.slice(0, at), entry.slice(at + 1)];
  const place = `${keyword} ${JSON.stringify(name)}`;
  const found = textSecrets(place, value);
  if (found.length > 0 || !isSecretVariable(name, value)) return found;
  return [{ Message: `${place} holds what looks like a secret, by its name` }];
}

function textSecrets(place: string, text: string): Finding[] {
  return secretsIn(text).map(({ kind }) => ({ Message: `${place} holds what looks like a secret (${kind})`, Kind: kind }));
}

/** One thing, said by the configuration and by the entry of the history that set it. */
const isSame = (one: Finding, other: Finding) =>
  one.History === other.History && (one.Message === other.Message || (one.Kind !== undefined && one.Kind === other.Kind));

/** What a build was told stays in its history: the arguments that RUN saw, and what the configuration no longer says. */
function secretsOfHistory({ history }: Audited): Finding[] {
  return history.flatMap(({ created_by: text = "" }, entry) => {
    const variables = variablesOf(text).flatMap(([keyword, each]) => variableSecret(keyword, each));
    const found = variables.length > 0 ? variables : textSecrets("its history", text);
    return found.map((finding) => ({ ...finding, History: entry + 1 }));
  });
}

/** "RUN |2 A=1 B=x y /bin/sh -c make # buildkit" → ARG A=1, ARG B=x; "ENV A=1" → ENV A=1. */
function variablesOf(text: string): (readonly ["ENV" | "ARG", string])[] {
  const [, count, rest = ""] = /^(?:RUN )?\|(\d{1,4}) (.*)$/s.exec(text) ?? [];
  if (count !== undefined) {
    const words = rest.split(" ").filter((word) => /^\w+=/.test(word));
    return words.slice(0, Number(count)).map((word) => ["ARG", word]);
  }
  const keyword = text.startsWith("ARG ") ? "ARG" : text.startsWith("ENV ") ? "ENV" : undefined;
  return keyword
    ? text
        .slice(4)
        .split(" ")
        .map((word) => [keyword, word])
    : [];
}
