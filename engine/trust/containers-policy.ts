/**
 * The policy of skopeo, podman and buildah (containers-policy.json(5)), as far as it is about registries: its scopes by how closely they
 * name a repository, and of its requirements those that need no GPG and no public log. What cannot be verified here lets nothing pass.
 */
import { EngineError } from "../errors.ts";
import {
  full,
  listOf,
  mapOf,
  object,
  parseReference,
  parseShaped,
  type Reference,
  repository,
  required,
  text,
} from "../image/documents/index.ts";
import type { Requirement } from "./judge.ts";
import { readPublicKey } from "./keys.ts";
import type { Policy, Rule } from "./policy.ts";
import type { TrustedFiles } from "./trusted-files.ts";

interface Identity {
  type: string;
  dockerReference?: string;
  dockerRepository?: string;
  prefix?: string;
  signedPrefix?: string;
}

interface Written {
  type: string;
  keyPath?: string;
  keyPaths?: string[];
  keyData?: string;
  keyDatas?: string[];
  signedIdentity?: Identity;
  [other: string]: unknown;
}

interface File {
  default: Written[];
  transports?: Record<string, Record<string, Written[]>> | null;
}

const identity = object({ type: required(text), dockerReference: text, dockerRepository: text, prefix: text, signedPrefix: text });
const requirements = required(
  listOf(
    object({
      type: required(text),
      keyPath: text,
      keyPaths: listOf(text),
      keyData: text,
      keyDatas: listOf(text),
      signedIdentity: identity,
    }),
  ),
);
const shape = object({ default: requirements, transports: mapOf(mapOf(requirements)) });

/** @throws EngineError `invalid` */
export function parseContainersPolicy(source: string, name: string, files: TrustedFiles): Policy {
  const refuse = (why: string) =>
    new EngineError("invalid", `cannot use the policy "${name}": ${why}`, {
      hint: "see containers-policy.json(5); until it is right, no image can be used",
    });
  const { default: otherwise, transports } = parseShaped<File>(source, shape, refuse);
  const scopes = Object.entries(transports?.["docker"] ?? {});
  const rule = (scope: string, written: readonly Written[]): Rule => {
    if (written.length === 0) throw refuse(`the scope "${scope}" has no requirement`);
    return {
      name: `${scope === "" ? "the default" : `the scope "${scope}"`} (${name})`,
      fits: (reference) => isWithin(scope, reference),
      ...consequence(written, files, refuse),
    };
  };
  const general = scopes.find(([scope]) => scope === "")?.[1];
  return {
    ...{ name, allowsOverride: false, local: "accept", load: "accept" },
    rules: scopes
      .filter(([scope]) => scope !== "")
      .sort(([a], [b]) => closeness(b) - closeness(a))
      .map(([scope, written]) => rule(scope, written)),
    otherwise: rule("", general ?? otherwise),
  };
}

/** A tag or digest before a namespace, a longer one before a shorter, subdomains last. */
function closeness(scope: string): number {
  const isWildcard = scope.startsWith("*.");
  return (isWildcard ? 0 : 1000) + (isExact(scope) ? 1000 : 0) + scope.length;
}

const isExact = (scope: string) => /[:@][^/]*$/.test(scope.slice(scope.indexOf("/") + 1)) && scope.includes("/");

function isWithin(scope: string, reference: Reference): boolean {
  if (scope.startsWith("*.")) return reference.domain.endsWith(scope.slice(1));
  if (isExact(scope)) return full(reference) === scope;
  const own = repository(reference);
  return own === scope || own.startsWith(`${scope}/`);
}

type Consequence = { action: "accept" } | { action: "reject"; reason: string } | { action: "verify"; requirements: Requirement[] };

/** All of them have to hold. */
function consequence(written: readonly Written[], files: TrustedFiles, refuse: (why: string) => EngineError): Consequence {
  const wanted: Requirement[] = [];
  for (const each of written) {
    if (each.type === "insecureAcceptAnything") continue;
    if (each.type === "reject") return { action: "reject", reason: "" };
    if (each.type === "signedBy") return { action: "reject", reason: "it asks for a GPG signature, which is not verified here" };
    if (each.type !== "sigstoreSigned") throw refuse(`there is no requirement "${each.type}"`);
    const unknown = ["fulcio", "pki", "rekorPublicKeyPath", "rekorPublicKeyData", "rekorPublicKeyPaths", "rekorPublicKeyDatas"].find(
      (name) => each[name],
    );
    if (unknown) return { action: "reject", reason: `it asks for "${unknown}", which is not verified here` };
    wanted.push(signedRequirement(each, files, refuse));
  }
  return wanted.length === 0 ? { action: "accept" } : { action: "verify", requirements: wanted };
}

function signedRequirement(written: Written, files: TrustedFiles, refuse: (why: string) => EngineError): Requirement {
  const paths = [...(written.keyPath ? [written.keyPath] : []), ...(written.keyPaths ?? [])];
  const data = [...(written.keyData ? [written.keyData] : []), ...(written.keyDatas ?? [])];
  if (paths.length + data.length === 0) throw refuse("a requirement of sigstoreSigned names no key");
  const keys = [
    ...paths.map((path) => readPublicKey(files.read(path, "the key"), path)),
    ...data.map((each, at) => readPublicKey(Buffer.from(each, "base64").toString("utf8"), `keyData ${at + 1}`)),
  ];
  return {
    ...{ atLeast: 1, annotations: {}, formats: ["simple"] },
    anchors: keys.map((key) => ({ name: key.name, kind: "key", key })),
    isNamed: identityJudge(written.signedIdentity ?? { type: "matchRepoDigestOrExact" }, refuse),
  };
}

/** What the signer may have called the image (containers-policy.json(5), "signedIdentity"). */
function identityJudge(wanted: Identity, refuse: (why: string) => EngineError): NonNullable<Requirement["isNamed"]> {
  const { type, dockerReference = "", dockerRepository = "", prefix = "", signedPrefix = "" } = wanted;
  const judges: Record<string, (signed: Reference, asked: Reference) => boolean> = {
    matchExact: (signed, asked) => full(signed) === full(asked),
    matchRepoDigestOrExact: (signed, asked) =>
      asked.digest === undefined ? full(signed) === full(asked) : repository(signed) === repository(asked),
    matchRepository: (signed, asked) => repository(signed) === repository(asked),
    exactReference: (signed) => full(signed) === full(parseReference(dockerReference)),
    exactRepository: (signed) => repository(signed) === repository(parseReference(dockerRepository)),
    remapIdentity: (signed, asked) => full(signed) === remapped(full(asked), prefix, signedPrefix),
  };
  const judge = judges[type];
  if (!judge) throw refuse(`there is no signedIdentity "${type}"`);
  return (identity, asked) => {
    try {
      return asked !== undefined && judge(parseReference(identity), asked);
    } catch {
      return false; // a name that is none
    }
  };
}

function remapped(name: string, prefix: string, signedPrefix: string): string {
  const isBelow = name === prefix || [":", "/", "@"].some((next) => name.startsWith(prefix + next));
  return isBelow ? signedPrefix + name.slice(prefix.length) : name;
}
