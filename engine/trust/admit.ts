/**
 * Whether the policies let an image be used. What is verified is the digest that is used: of an image of the store, what leads to its id
 * by the bytes that are there; of one that is pulled, the documents that were fetched. Signatures that are kept are looked at first, then
 * the registry is asked.
 */
import { EngineError } from "../errors.ts";
import {
  isIndexType,
  parseIndex,
  parseManifest,
  parseReference,
  type Reference,
  type Refuse,
  repository,
  withTag,
} from "../image/documents/index.ts";
import { manifestsOf, readDocument, referencesOf, topsOf } from "../image/store/index.ts";
import { RegistryClient } from "../registry/client.ts";
import type { Ground } from "../state/ground.ts";
import type { Admission, ImageCandidate } from "../state/lent.ts";
import { type Carrier, type Evidence, evidenceOf } from "./evidence.ts";
import { judge, type Requirement, type Verdict } from "./judge.ts";
import { keepSignatures, keptSignatures } from "./kept-signatures.ts";
import { loadPolicies } from "./load-policies.ts";
import { nameOf, type Policy, ruleFor } from "./policy.ts";
import { fetchSignatures } from "./registry-signatures.ts";

/** For how long a verdict holds in a program that goes on. Milliseconds. */
const verdictHolds = 60_000;

/** @throws EngineError `untrusted`, `invalid` for a policy that is malformed */
export async function admit(ground: Ground, files: readonly string[], candidate: ImageCandidate): Promise<Admission | undefined> {
  const { active, admitted } = await loadPolicies(files);
  const policies = candidate.isLoaded ? active.filter(({ load }) => load === "verify") : active;
  if (policies.length === 0) return undefined;
  ground.options.handOver?.();
  const names = namesOf(ground, candidate);
  const digests = candidate.digests ?? digestsOf(ground, candidate.image!);
  const key = [...names.map(nameOf), ...digests, candidate.isUnverified].join(" ");
  if (candidate.image && (admitted.get(key) ?? 0) > Date.now()) return undefined;
  const known = new Known(ground, digests, candidate);
  const lines = await admitByAll(policies, names, known, candidate);
  if (candidate.image) {
    await known.keep();
    admitted.set(key, Date.now() + verdictHolds);
  }
  return { lines, keep: () => known.keep() };
}

/** What lies in a registry and never comes into the store: a project. */
export interface DocumentCandidate extends Pick<ImageCandidate, "isUnverified" | "access"> {
  name: string;
  /** Of what its name stands for, and of what that leads to. */
  digests: readonly string[];
}

/** The same of such a document. @throws EngineError as `admit` */
export async function admitDocument(files: readonly string[], candidate: DocumentCandidate): Promise<string[]> {
  const { active } = await loadPolicies(files);
  const known = new Known(undefined, candidate.digests, candidate);
  return admitByAll(active, [withTag(parseReference(candidate.name))], known, candidate);
}

/** What a question after signatures comes to: who made those that count; nobody, and why. */
export interface Judged {
  by: string[];
  why: string;
}

type StoredCandidate = ImageCandidate & { image: string };

/** Whether an image is signed as is asked for, whatever the policies say. */
export async function judgeImage(ground: Ground, candidate: StoredCandidate, wanted: Requirement): Promise<Judged> {
  const known = new Known(ground, digestsOf(ground, candidate.image), candidate);
  let why = "it has no digest of a registry's that could be signed";
  for (const name of known.digests.length > 0 ? namesOf(ground, candidate) : []) {
    const { verdict, trouble } = await known.judge(wanted, name);
    if (verdict.isSatisfied) {
      await known.keep();
      return { by: verdict.by, why: "" };
    }
    if (trouble) throw trouble;
    why = foundOf(verdict);
  }
  return { by: [], why };
}

/** Whether the policies ask for signatures of an image, and it has them all: that they let it pass is not enough. */
export async function judgeByPolicies(ground: Ground, files: readonly string[], candidate: StoredCandidate): Promise<Judged> {
  const { active } = await loadPolicies(files);
  const known = new Known(ground, digestsOf(ground, candidate.image), candidate);
  try {
    const by = await admitByAll(active, namesOf(ground, candidate), known, candidate);
    await known.keep();
    return { by, why: by.length > 0 ? "" : "no policy of this host asks for signatures of it" };
  } catch (error) {
    if (error instanceof EngineError && error.code === "untrusted") return { by: [], why: error.message };
    throw error;
  }
}

/** What it may be known by: the name it was asked for by, else all that it has. */
function namesOf(ground: Ground, { name, image }: ImageCandidate): (Reference | undefined)[] {
  if (name !== undefined && !isIdOf(image, name)) return [withTag(parseReference(name))];
  const names = image === undefined ? [] : referencesOf(ground, image);
  return names.length > 0 ? names : [undefined];
}

/** A name that an image was found by has a tag or a digest; without, it is its id, or the beginning of that. */
function isIdOf(image: string | undefined, text: string): boolean {
  return /^(sha256:)?[0-9a-f]+$/.test(text) && image?.startsWith(text.startsWith("sha256:") ? text : `sha256:${text}`) === true;
}

/** The digests that pin an image: of manifests whose config it is, and of indexes that name one of these. */
function digestsOf(ground: Ground, image: string): string[] {
  const manifests = manifestsOf(ground, image).filter((digest) => configIn(ground, digest) === image);
  const indexes = topsOf(ground, image).filter((digest) => !manifests.includes(digest) && leadsTo(ground, digest, new Set(manifests)));
  return [...indexes, ...manifests];
}

const damaged: Refuse = (why, cause) => new EngineError("corrupt", `cannot read a manifest: ${why}`, { cause });

function configIn(ground: Ground, digest: string): string | undefined {
  const document = readDocument(ground, digest);
  return document && !isIndexType(document.mediaType) ? parseManifest(document.text, damaged).config.digest : undefined;
}

function leadsTo(ground: Ground, digest: string, wanted: ReadonlySet<string>, depth = 0): boolean {
  const document = readDocument(ground, digest);
  if (!document || !isIndexType(document.mediaType) || depth > 5) return false;
  return parseIndex(document.text, damaged).manifests.some(
    (each) => wanted.has(each.digest) || leadsTo(ground, each.digest, wanted, depth + 1),
  );
}

/** @returns what to tell of it: a line of each policy that asks for signatures. @throws EngineError `untrusted` */
async function admitByAll(
  policies: readonly Policy[],
  names: readonly (Reference | undefined)[],
  known: Known,
  candidate: ImageCandidate,
): Promise<string[]> {
  const lines: string[] = [];
  for (const policy of policies) lines.push(...(await admitByAny(policy, names, known, candidate)));
  return lines;
}

/** @throws EngineError `untrusted` when no name of it will do */
async function admitByAny(
  policy: Policy,
  names: readonly (Reference | undefined)[],
  known: Known,
  candidate: ImageCandidate,
): Promise<string[]> {
  let refusal: EngineError | undefined;
  for (const name of names) {
    const judged = await consider(policy, name, known, candidate);
    if (!(judged instanceof EngineError)) return judged;
    refusal ??= judged;
  }
  throw refusal!;
}

/** @returns what to tell, or why not */
async function consider(
  policy: Policy,
  name: Reference | undefined,
  known: Known,
  candidate: ImageCandidate,
): Promise<string[] | EngineError> {
  const rule = ruleFor(policy, name);
  if (rule.action === "accept") return [];
  const refuse = (why: string, hint: string, details: object = {}) =>
    new EngineError("untrusted", `cannot use "${nameOf(name)}"${known.shown}: ${why}`, {
      hint,
      details: { policy: policy.name, rule: rule.name, ...details },
    });
  if (candidate.isUnverified) {
    if (policy.allowsOverride) return [`${nameOf(name)} is not verified: ${rule.name} was passed over`];
    return refuse(`the policy "${policy.name}" does not permit --no-verify`, `leave it out, or set allow-override in ${policy.name}`);
  }
  const isLocal = known.digests.length === 0;
  const isForbidden = rule.action === "reject" && rule !== policy.otherwise;
  if (isLocal && policy.local === "accept" && !isForbidden) return [];
  if (rule.action === "reject") {
    const reason = rule.reason ? `: ${rule.reason}` : "";
    return refuse(`${rule.name} rejects it${reason}`, `use another image, or change ${policy.name}`);
  }
  if (isLocal)
    return refuse(
      `${rule.name} asks for signatures, and it has no digest of a registry's that could be signed`,
      `push and sign it, or set "local: accept" in ${policy.name} for images that are made here`,
    );
  const by: string[] = [];
  for (const requirement of rule.requirements) {
    const { verdict, trouble } = await known.judge(requirement, name);
    if (!verdict.isSatisfied) return refuse(...unsatisfied(rule.name, requirement, verdict, trouble));
    by.push(...verdict.by);
  }
  return [`${nameOf(name)} is signed by ${[...new Set(by)].join(", ")}, as ${rule.name} asks`];
}

/** Findings that are told of in an error. */
const mostTold = 5;

function unsatisfied(
  rule: string,
  wanted: Requirement,
  verdict: Verdict,
  trouble: EngineError | undefined,
): [why: string, hint: string, details: object] {
  const silent = trouble ? `; its registry could not be asked: ${trouble.message}` : "";
  const findings = verdict.findings.map(({ format, place, problem }) => ({ format, place, problem }));
  return [
    `${rule} asks for ${askedFor(wanted)}; ${foundOf(verdict)}${silent}`,
    trouble
      ? "try again when the registry answers"
      : "see its signatures with 'berth verify', have it signed with 'berth sign', or change the policy",
    { keys: wanted.anchors.map(({ name }) => name), signedBy: verdict.by, findings },
  ];
}

/** "a signature of 2 of a, b, c" */
export function askedFor({ anchors, atLeast, attestation }: Requirement): string {
  const what = attestation ? `an attestation (${attestation.join(" or ")})` : "a signature";
  const who = anchors.map(({ name }) => name).join(", ");
  return `${what} of ${atLeast > 1 || anchors.length > 1 ? `${atLeast} of ` : ""}${who}`;
}

/** Who signed, and why the others do not count. */
function foundOf({ by, findings }: Verdict): string {
  const others = findings.flatMap(({ format, place, problem }) =>
    problem === undefined ? [] : [`${format} ${place.slice(0, 19)}: ${problem}`],
  );
  const told = others.length > mostTold ? [...others.slice(0, mostTold), `and ${others.length - mostTold} more`] : others;
  const has = by.length > 0 ? `it has ${by.join(", ")}` : findings.length > 0 ? "none counts" : "there is none";
  return `${has}${told.length > 0 ? ` (${told.join("; ")})` : ""}`;
}

/** What is known of an image's signatures: first what is kept, then, when that is not enough, what its registry has. */
class Known {
  readonly digests: readonly string[];
  readonly #ground: Ground | undefined;
  readonly #candidate: ImageCandidate;
  readonly #asked = new Map<string, Promise<{ evidence: Evidence[]; trouble?: EngineError }>>();
  readonly #fetched: { digest: string; carriers: Carrier[] }[] = [];
  #kept: Promise<Evidence[]> | undefined;

  /** @param ground undefined for what no store has signatures of */
  constructor(ground: Ground | undefined, digests: readonly string[], candidate: ImageCandidate) {
    this.#ground = ground;
    this.#candidate = candidate;
    this.digests = digests;
  }

  get shown(): string {
    return this.digests.length > 0 ? ` (${this.digests[0]})` : "";
  }

  async judge(requirement: Requirement, name: Reference | undefined): Promise<{ verdict: Verdict; trouble?: EngineError | undefined }> {
    const kept = await (this.#kept ??= this.#readKept());
    const now = new Date();
    const verdict = await judge(requirement, kept, this.digests, now, name);
    if (verdict.isSatisfied || !name) return { verdict };
    const where = repository(name);
    let asking = this.#asked.get(where);
    if (!asking) this.#asked.set(where, (asking = this.#ask(name)));
    const { evidence, trouble } = await asking;
    return { verdict: evidence.length > 0 ? await judge(requirement, [...kept, ...evidence], this.digests, now, name) : verdict, trouble };
  }

  async #readKept(): Promise<Evidence[]> {
    const carriers: Carrier[] = [];
    for (const digest of this.#ground ? this.digests : []) carriers.push(...(await keptSignatures(this.#ground!, digest)));
    return carriers.flatMap(evidenceOf);
  }

  async #ask({ domain, path }: Reference): Promise<{ evidence: Evidence[]; trouble?: EngineError }> {
    const client = new RegistryClient({ domain, path }, this.#candidate.access);
    try {
      for (const digest of this.digests) {
        const carriers = await fetchSignatures(client, digest);
        if (carriers.length > 0) this.#fetched.push({ digest, carriers });
      }
    } catch (error) {
      if (error instanceof EngineError && error.code !== "cancelled") return { evidence: [], trouble: error };
      throw error;
    }
    return { evidence: this.#fetched.flatMap(({ carriers }) => carriers.flatMap(evidenceOf)) };
  }

  /** So that they are there when the registry is not. */
  async keep(): Promise<void> {
    if (!this.#ground) return;
    for (const { digest, carriers } of this.#fetched) await keepSignatures(this.#ground, digest, carriers);
  }
}
