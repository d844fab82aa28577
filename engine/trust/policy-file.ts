/** berth's policy file, YAML: every setting known, every name of a key defined, and what is wrong shown where it stands. */
import type { Node } from "yaml";
import { type Reference, repository, repositoryGlob } from "../image/documents/index.ts";
import { type Fail, type Pair, parseLocated } from "../located-yaml.ts";
import { nearest } from "../suggest.ts";
import { attestationTypes } from "./attestation-types.ts";
import { readCertificates } from "./certificates.ts";
import type { Anchor, Requirement } from "./judge.ts";
import { readPublicKey } from "./keys.ts";
import type { Policy, Rule } from "./policy.ts";
import type { TrustedFiles } from "./trusted-files.ts";

/** What reading goes by: where to complain, where files are, which keys there are. */
interface Scene {
  file: string;
  files: TrustedFiles;
  fail: Fail;
  lineOf(node: Node): number;
  anchors: Map<string, Anchor>;
}

const members = {
  policy: ["version", "allow-override", "local", "load", "keys", "authorities", "default", "rules"],
  authority: ["certificate", "identities"],
  rule: ["match", "action", "reason", "signed-by", "at-least", "annotations", "attestations"],
  otherwise: ["action", "reason", "signed-by", "at-least", "annotations", "attestations"],
  attestation: ["type", "signed-by", "at-least"],
} as const;

/** @throws EngineError `invalid`, with its place */
export async function parsePolicy(text: string, file: string, files: TrustedFiles): Promise<Policy> {
  const hint = "docs/signatures.md shows such a file; until it is right, no image can be used";
  const { contents, fail, lineOf } = await parseLocated(text, file, hint);
  return readPolicy(contents, { file, files, fail, lineOf, anchors: new Map() });
}

function readPolicy(node: Node | null, scene: Scene): Policy {
  const { file, fail } = scene;
  const given = membersOf(node, members.policy, fail);
  const version = given.get("version");
  if (scalarOf(version) !== 1) fail(version ?? node, '"version" is 1');
  for (const [name, each] of entriesOf(given.get("keys"), "keys", fail)) addAnchor(scene, each, name, keyOf(scene, name, each));
  for (const [name, each] of entriesOf(given.get("authorities"), "authorities", fail))
    addAnchor(scene, each, name, authorityOf(scene, name, each));
  const rules = itemsOf(given.get("rules"), '"rules" is a list', fail).map((each) => readRule(each, scene));
  const otherwise = given.get("default");
  if (!otherwise) fail(node, '"default" is missing: what holds where no rule fits, "accept" or "reject"');
  return {
    name: file,
    allowsOverride: truthOf(given.get("allow-override"), "allow-override", fail),
    local: choiceOf(given.get("local"), "local", ["verify", "accept"], fail) ?? "verify",
    load: choiceOf(given.get("load"), "load", ["accept", "verify"], fail) ?? "accept",
    rules,
    otherwise: readDefault(otherwise!, scene),
  };
}

function addAnchor({ anchors, fail }: Scene, node: Node, name: string, anchor: Anchor): void {
  if (anchors.has(name)) fail(node, `"${name}" is there twice`);
  anchors.set(name, anchor);
}

/** PEM, or the file that has it. */
function pemOf({ file, files }: Scene, text: string, what: string): string {
  return text.includes("-----BEGIN ") ? text : files.readBeside(file, text, what);
}

function keyOf(scene: Scene, name: string, node: Node): Anchor {
  const text = textOf(node, "a key is its file, or PEM", scene.fail);
  return { name, kind: "key", key: located(scene, node, () => readPublicKey(pemOf(scene, text, "the key"), name)) };
}

function authorityOf(scene: Scene, name: string, node: Node): Anchor {
  const given = membersOf(node, members.authority, scene.fail);
  const certificate = given.get("certificate");
  const text = textOf(certificate ?? node, '"certificate" is a file, or PEM', scene.fail);
  const certificates = located(scene, certificate!, () => readCertificates(pemOf(scene, text, "the certificate"), name));
  return {
    name,
    kind: "authority",
    certificates,
    identities: textsOf(given.get("identities"), "identities", scene.fail).map(({ value }) => value),
  };
}

/** What a file says wrong, at the place that names it. */
function located<T>({ fail }: Scene, node: Node, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return fail(node, (error as Error).message);
  }
}

function readRule(node: Node, scene: Scene): Rule {
  const { fail, file, lineOf } = scene;
  const given = membersOf(node, members.rule, fail);
  const globs = textsOf(given.get("match"), "match", fail);
  if (globs.length === 0) fail(node, '"match" is missing: which repositories the rule is for');
  for (const { value, node: at } of globs) checkGlob(value, at, fail);
  const name = `the rule for ${globs.map(({ value }) => `"${value}"`).join(", ")} (${file}:${lineOf(node)})`;
  const patterns = globs.map(({ value }) => repositoryGlob(value));
  const fits = (reference: Reference) => patterns.some((pattern) => pattern.test(repository(reference)));
  return { name, fits, ...consequence(node, given, scene) };
}

/** The full name: "python" alone would be no repository's. */
function checkGlob(glob: string, node: Node, fail: Fail): void {
  const [domain = ""] = glob.split("/");
  const isFull = /[.:*]/.test(domain) || domain === "localhost";
  if (!isFull) fail(node, `"${glob}" does not begin with a registry`, `docker.io/${glob.includes("/") ? "" : "library/"}${glob}`);
  if (/[^a-z0-9._/:*[\]-]/i.test(glob) || glob.includes("@") || /:[^/]*$/.test(glob.slice(domain.length)))
    fail(node, `"${glob}" is no repository: tags and digests do not count`);
}

/** `accept`, `reject`, or all that a rule says. */
function readDefault(node: Node, scene: Scene): Rule {
  const name = `the default (${scene.file}:${scene.lineOf(node)})`;
  const fits = () => true;
  const word = scalarOf(node);
  if (word === "accept") return { name, fits, action: "accept" };
  if (word === "reject") return { name, fits, action: "reject", reason: "" };
  if (word !== undefined) scene.fail(node, '"default" is "accept", "reject", or what a rule says');
  return { name, fits, ...consequence(node, membersOf(node, members.otherwise, scene.fail), scene) };
}

type Consequence = { action: "accept" } | { action: "reject"; reason: string } | { action: "verify"; requirements: Requirement[] };

function consequence(node: Node, given: Map<string, Node>, scene: Scene): Consequence {
  const { fail } = scene;
  const signed = given.get("signed-by");
  const attested = given.get("attestations");
  const action =
    choiceOf(given.get("action"), "action", ["accept", "reject", "verify"], fail) ?? (signed || attested ? "verify" : undefined);
  if (action === undefined) return fail(node, 'it says nothing: "action" is accept or reject, or "signed-by" names keys');
  const surplus = ["signed-by", "at-least", "annotations", "attestations"].find((name) => action !== "verify" && given.has(name));
  if (surplus !== undefined) fail(given.get(surplus), `"${surplus}" means nothing where the action is "${action}"`);
  if (action === "accept") return { action };
  if (action === "reject") return { action, reason: given.has("reason") ? textOf(given.get("reason")!, '"reason" is a text', fail) : "" };
  if (!signed && !attested) fail(node, '"signed-by" is missing: the names of keys or authorities');
  const requirements = itemsOf(attested, '"attestations" is a list', fail).map((each) => readAttestation(each, signed, scene));
  return { action, requirements: [...(signed ? [readSigned(given, scene)] : []), ...requirements] };
}

function readSigned(given: Map<string, Node>, scene: Scene): Requirement {
  const anchors = anchorsOf(given.get("signed-by"), scene);
  const annotations = Object.fromEntries(
    entriesOf(given.get("annotations"), "annotations", scene.fail).map(([name, each]) => [
      name,
      textOf(each, "an annotation is a text", scene.fail),
    ]),
  );
  return { anchors, atLeast: atLeastOf(given.get("at-least"), anchors, scene.fail), annotations };
}

/** @param signed who signs the image, if nothing else is said */
function readAttestation(node: Node, signed: Node | undefined, scene: Scene): Requirement {
  const word = scalarOf(node);
  const given = typeof word === "string" ? new Map([["type", node]]) : membersOf(node, members.attestation, scene.fail);
  const type = textOf(given.get("type") ?? node, '"type" is provenance, spdx, cyclonedx, vuln, or a predicate type', scene.fail);
  const by = given.get("signed-by") ?? signed;
  if (!by) return scene.fail(node, '"signed-by" is missing: who attests');
  const anchors = anchorsOf(by, scene);
  return { anchors, atLeast: atLeastOf(given.get("at-least"), anchors, scene.fail), annotations: {}, attestation: attestationTypes(type) };
}

function anchorsOf(node: Node | undefined, { anchors, fail }: Scene): Anchor[] {
  const names = textsOf(node, "signed-by", fail);
  if (names.length === 0) fail(node, '"signed-by" names nobody');
  return names.map(({ value, node: at }) => {
    const anchor = anchors.get(value);
    return anchor ?? fail(at, `there is no key or authority "${value}"`, nearest(value, [...anchors.keys()]));
  });
}

/** So many of those that are named, each once. */
function atLeastOf(node: Node | undefined, anchors: readonly Anchor[], fail: Fail): number {
  if (!node) return 1;
  const count = scalarOf(node);
  const different = new Set(anchors.map((each) => (each.kind === "key" ? each.key.id : each.name))).size;
  if (typeof count === "number" && Number.isInteger(count) && count >= 1 && count <= different) return count;
  return fail(node, `"at-least" is a number from 1 to ${different}: so many different ones are named`);
}

function scalarOf(node: Node | null | undefined): unknown {
  return (node as { value?: unknown } | null | undefined)?.value;
}

function textOf(node: Node, why: string, fail: Fail): string {
  const value = scalarOf(node);
  return typeof value === "string" && value !== "" ? value : fail(node, why);
}

function truthOf(node: Node | undefined, name: string, fail: Fail): boolean {
  const value = node ? scalarOf(node) : false;
  return typeof value === "boolean" ? value : fail(node, `"${name}" is true or false`);
}

function choiceOf<Word extends string>(node: Node | undefined, name: string, words: readonly Word[], fail: Fail): Word | undefined {
  if (!node) return undefined;
  const value = scalarOf(node);
  const word = words.find((each) => each === value);
  return word ?? fail(node, `"${name}" is ${words.map((each) => `"${each}"`).join(" or ")}`, nearest(String(value), words));
}

/** One text, or a list of them. */
function textsOf(node: Node | undefined, name: string, fail: Fail): { value: string; node: Node }[] {
  if (!node) return [];
  const items = (node as { items?: Node[] }).items ?? [node];
  return items.map((item) => ({ value: textOf(item, `"${name}" is a text, or a list of texts`, fail), node: item }));
}

function membersOf(node: Node | null, known: readonly string[], fail: Fail): Map<string, Node> {
  const pairs = pairsOf(node, `this is a mapping of ${known.map((name) => `"${name}"`).join(", ")}`, fail);
  const stranger = pairs.find(({ key }) => !known.includes(String(key.value)));
  if (stranger) fail(stranger.key, `there is no setting "${String(stranger.key.value)}"`, nearest(String(stranger.key.value), known));
  return new Map(pairs.map(({ key, value }) => [String(key.value), value ?? fail(key, `"${String(key.value)}" has no value`)]));
}

function entriesOf(node: Node | undefined, name: string, fail: Fail): [string, Node][] {
  if (!node) return [];
  return pairsOf(node, `"${name}" is a mapping of names`, fail).map(({ key, value }) => [
    textOf(key, "a name is a text", fail),
    value ?? fail(key, `"${String(key.value)}" has no value`),
  ]);
}

function pairsOf(node: Node | null, why: string, fail: Fail): Pair[] {
  const pairs = (node as { items?: Pair[] } | null)?.items;
  return pairs?.every(({ key }) => key !== undefined && key !== null) ? pairs : fail(node, why);
}

function itemsOf(node: Node | undefined, why: string, fail: Fail): Node[] {
  if (!node) return [];
  const items = (node as { items?: unknown[] }).items;
  if (!items || items.some((item) => (item as { key?: unknown }).key !== undefined)) return fail(node, why);
  return items as Node[];
}
