/**
 * What of a repository is to go by its rules: tags, manifests that lose their last tag, what those are made of, and what refers to them.
 * Nothing that refers to a manifest goes before it. Pure.
 */
import { repositoryGlob } from "../../../image/documents/index.ts";

export interface RetentionRule {
  repositories: readonly string[];
  /** Globs of the tags that it is about; all without. */
  tags?: readonly string[];
  /** Globs of tags that never go, and are not counted. */
  keep?: readonly string[];
  /** How many of its tags stay in any case: those pushed last. */
  last?: number;
  /** Milliseconds since its push for which a tag stays in any case. */
  age?: number;
  /** Milliseconds since its push after which a manifest that no tag stands for goes. */
  untagged?: number;
}

export interface HeldManifest {
  /** Milliseconds since the epoch. */
  pushed: number;
  subject?: string;
  /** Of an index: digests of what it names. */
  parts: readonly string[];
}

/** What is in a repository. */
export interface Held {
  manifests: ReadonlyMap<string, HeldManifest>;
  tags: ReadonlyMap<string, { digest: string; pushed: number }>;
}

/** A tag, or a manifest with the tags that stand for it still. */
export interface Leaving {
  tag?: string;
  digest?: string;
  why: string;
}

/** Tags that clients without referrers attach things by: cosign's `sha256-….sig`, the distribution-spec's `sha256-…`. */
const attachedForm = /^(sha256|sha512)-([0-9a-f]{64}|[0-9a-f]{128})(?:\.[\w.-]+)?$/;

/** Digest of what a tag is attached to. */
function subjectOfTag(tag: string): string | undefined {
  const [, algorithm, hex] = attachedForm.exec(tag) ?? [];
  return algorithm && `${algorithm}:${hex}`;
}

export function rulesFor(rules: readonly RetentionRule[], repository: string): RetentionRule[] {
  return rules.filter(({ repositories }) => repositories.some((glob) => repositoryGlob(glob).test(repository)));
}

/**
 * @param rules those that are for the repository
 * @param isKept whether a tag must not go whatever they say
 * @param now milliseconds since the epoch
 * @returns in the order in which they are to go
 */
export function planRetention(held: Held, rules: readonly RetentionRule[], isKept: (tag: string) => boolean, now: number): Leaving[] {
  const keep = rules.flatMap((rule) => rule.keep ?? []).map(repositoryGlob);
  const isHeld = (tag: string) => isKept(tag) || keep.some((pattern) => pattern.test(tag));
  const tags = leavingTags(held, rules, isHeld, now);
  const isStaying = (tag: string) => !tags.has(tag) && (isHeld(tag) || !isAttached(tag, held));
  const alive = aliveManifests(held, isStaying, untaggedLimit(rules, now));
  const dead = [...held.manifests.keys()].filter((digest) => !alive.has(digest));
  const leaving = new Set(dead);
  const reasons = new Map(dead.map((digest) => [digest, whyOf(digest, held, leaving, now)]));
  return [
    ...[...tags].filter(([tag]) => alive.has(held.tags.get(tag)!.digest)).map(([tag, why]) => ({ tag, why })),
    ...ownersFirst(dead, held).map((digest) => ({ digest, why: lastTagOf(digest, held, tags) ?? reasons.get(digest)! })),
  ];
}

/** With the reasons. */
function leavingTags(held: Held, rules: readonly RetentionRule[], isHeld: (tag: string) => boolean, now: number): Map<string, string> {
  const isFree = (tag: string) => !isAttached(tag, held) && !isHeld(tag);
  const free = [...held.tags].filter(([tag]) => isFree(tag)).sort(([, one], [, other]) => other.pushed - one.pushed);
  const left = new Map<string, string>();
  const judged = new Set<string>();
  for (const rule of rules.filter(({ last, age }) => last !== undefined || age !== undefined)) {
    const names = (rule.tags ?? ["**"]).map(repositoryGlob);
    const own = free.filter(([tag]) => !judged.has(tag) && names.some((pattern) => pattern.test(tag)));
    for (const [at, [tag, { pushed }]] of own.entries()) {
      judged.add(tag);
      const why = whyTag(rule, at, now - pushed);
      if (why) left.set(tag, why);
    }
  }
  return left;
}

/** Undefined when it stays: each of what the rule says is enough for that. */
function whyTag({ last, age }: RetentionRule, at: number, old: number): string | undefined {
  if ((last !== undefined && at < last) || (age !== undefined && old < age)) return undefined;
  return [...(last === undefined ? [] : [`not one of the last ${last}`]), ...(age === undefined ? [] : [`pushed ${ago(old)} ago`])].join(
    ", ",
  );
}

/** What is attached to something that is not there any more is a tag like others. */
function isAttached(tag: string, { manifests }: Held): boolean {
  const subject = subjectOfTag(tag);
  return subject !== undefined && manifests.has(subject);
}

/** Until when a manifest without a tag must have been pushed to go; none goes without a rule. */
function untaggedLimit(rules: readonly RetentionRule[], now: number): number {
  const limit = rules.find(({ untagged }) => untagged !== undefined)?.untagged;
  return limit === undefined ? Number.NEGATIVE_INFINITY : now - limit;
}

/** Those that a tag stands for that stays, or that nothing ever owned and that are young enough; and what belongs to them. */
function aliveManifests(held: Held, isStaying: (tag: string) => boolean, untaggedBefore: number): Set<string> {
  const { manifests, tags } = held;
  const owned = ownedBy(held);
  const tagged = new Set([...tags].filter(([tag]) => !isAttached(tag, held)).map(([, { digest }]) => digest));
  const staying = new Set([...tags].filter(([tag]) => isStaying(tag)).map(([, { digest }]) => digest));
  const belongings = new Set([...owned.values()].flat());
  const isRoot = (digest: string, { pushed }: HeldManifest) =>
    staying.has(digest) || (!tagged.has(digest) && !belongings.has(digest) && pushed >= untaggedBefore);
  const pending = [...manifests].filter(([digest, manifest]) => isRoot(digest, manifest)).map(([digest]) => digest);
  const alive = new Set<string>();
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    if (alive.has(digest)) continue;
    alive.add(digest);
    pending.push(...(owned.get(digest) ?? []));
  }
  return alive;
}

/** What each manifest keeps: the parts of an index, and what refers to it or is attached to it. */
function ownedBy({ manifests, tags }: Held): Map<string, string[]> {
  const owned = new Map<string, string[]>();
  const add = (owner: string, digest: string) => {
    if (manifests.has(owner) && manifests.has(digest)) owned.set(owner, [...(owned.get(owner) ?? []), digest]);
  };
  for (const [digest, { subject, parts }] of manifests) {
    if (subject !== undefined) add(subject, digest);
    for (const part of parts) add(digest, part);
  }
  for (const [tag, { digest }] of tags) add(subjectOfTag(tag) ?? "", digest);
  return owned;
}

/** An index before its parts, a subject before what refers to it. */
function ownersFirst(dead: readonly string[], held: Held): string[] {
  const owned = ownedBy(held);
  const rest = new Set(dead);
  const order: string[] = [];
  const visit = (digest: string) => {
    if (!rest.delete(digest)) return;
    for (const each of owned.get(digest) ?? []) visit(each);
    order.push(digest);
  };
  for (const digest of dead) visit(digest);
  return order.reverse();
}

/** Of the tag that went last of a manifest's. */
function lastTagOf(digest: string, { tags }: Held, leaving: ReadonlyMap<string, string>): string | undefined {
  const own = [...tags].filter(([tag, target]) => target.digest === digest && leaving.has(tag));
  return own.length === 0 ? undefined : own.map(([tag]) => `its tag "${tag}" goes: ${leaving.get(tag)}`).join("; ");
}

function whyOf(digest: string, held: Held, leaving: ReadonlySet<string>, now: number): string {
  const { subject, pushed } = held.manifests.get(digest)!;
  const attached = [...held.tags].find(([tag, target]) => target.digest === digest && isAttached(tag, held));
  const owner = subject ?? (attached && subjectOfTag(attached[0]));
  if (owner !== undefined && leaving.has(owner)) return `it refers to ${owner}, which goes`;
  const index = [...held.manifests].find(([each, { parts }]) => leaving.has(each) && parts.includes(digest));
  return index ? `it is a part of ${index[0]}, which goes` : `no tag stands for it, pushed ${ago(now - pushed)} ago`;
}

const units = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "m"],
  [1000, "s"],
] as const;

/** "45d" */
function ago(milliseconds: number): string {
  const [size, unit] = units.find(([each]) => milliseconds >= each) ?? [1000, "s"];
  return `${Math.max(0, Math.floor(milliseconds / size))}${unit}`;
}
