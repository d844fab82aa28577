/** The registry's configuration file: what is to be said of some repositories and not of others, and what is too long for a flag. */
import { permissions, type Rule } from "../auth/rules.ts";
import { eventActions } from "../events/event.ts";
import type { WebhookRule } from "../events/webhooks.ts";
import { documentLimit } from "../protocol/document.ts";
import { isRepository } from "../protocol/names.ts";
import type { Rate } from "../protocol/rate.ts";
import type { QuotaRule } from "../storage/quota.ts";
import type { RetentionRule } from "../storage/retention.ts";
import { type UpstreamRule, upstreamOf } from "../upstream/address.ts";
import { bytes, choice, count, duration, list, mapping, parsed, type Read, readLocated, some, word, words } from "./located.ts";

export interface Settings {
  rules?: Rule[];
  quotas?: QuotaRule[];
  retention?: RetentionRule[];
  limits?: Limits;
  upstreams?: UpstreamRule[];
  webhooks?: WebhookRule[];
}

export interface Limits {
  /** Of each user, and of each address without one. */
  requests?: Rate;
  /** Bytes of a blob, and of a manifest. */
  blob?: number;
  manifest?: number;
}

const rules: Read<Rule[]> = list(
  mapping<Rule>({ repositories: some(word), users: some(word), allow: some(choice(permissions, "allow")) }, [
    "repositories",
    "users",
    "allow",
  ]),
);
const quotas: Read<QuotaRule[]> = list(mapping<QuotaRule>({ repositories: some(word), bytes }, ["repositories", "bytes"]));

const retentionRule = mapping<RetentionRule>(
  { repositories: some(word), tags: some(word), keep: some(word), last: count, age: duration, untagged: duration },
  ["repositories"],
);
const retention: Read<RetentionRule[]> = list((node, name, fail) => {
  const rule = retentionRule(node, name, fail);
  const isEmpty = rule.last === undefined && rule.age === undefined && rule.untagged === undefined;
  return isEmpty ? fail(node, 'a rule of retention has "last", "age" or "untagged"') : rule;
});

interface GivenUpstream {
  prefix?: string;
  url: URL;
  ttl?: number;
  username?: string;
  password?: string;
}

const prefix: Read<string> = (node, name, fail) => {
  const text = word(node, name, fail);
  return isRepository(text) ? text : fail(node, `"${text}" cannot be the beginning of a repository's name`);
};
const url: Read<URL> = (node, name, fail) => {
  const text = word(node, name, fail);
  return upstreamOf(text) ?? fail(node, `"${text}" is not the address of a registry, such as https://registry-1.docker.io`);
};
const givenUpstream = mapping<GivenUpstream>({ prefix, url, ttl: duration, username: word, password: word }, ["url"]);
const upstreams: Read<UpstreamRule[]> = list((node, name, fail) => {
  const { username, password, ...rule } = givenUpstream(node, name, fail);
  if ((username === undefined) !== (password === undefined)) fail(node, '"username" and "password" are given together');
  return { ...rule, ...(username !== undefined && password !== undefined && { credentials: { username, password } }) };
});

const hookUrl: Read<URL> = (node, name, fail) => {
  const found = URL.parse(word(node, name, fail));
  return found && /^https?:$/.test(found.protocol) ? found : fail(node, `"${name}" is an address, such as https://ci.example/hook`);
};
const headers: Read<Record<string, string>> = (node, name, fail) => {
  const given = words(node, name, fail);
  const bad = Object.entries(given).find(([key, value]) => !/^[\w-]+$/.test(key) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value));
  return bad ? fail(node, `"${bad[0]}" is no header that can be sent`) : given;
};
const webhooks: Read<WebhookRule[]> = list(
  mapping<WebhookRule>(
    { url: hookUrl, events: some(choice(eventActions, "be told of")), repositories: some(word), headers, timeout: duration },
    ["url"],
  ),
);

const seconds: Record<string, number> = { s: 1, m: 60, h: 3600 };
const requests = parsed((text): Rate | undefined => {
  const [, number = "", unit = "", burst = number] = /^([1-9]\d{0,6})\/([smh])(?: \+([1-9]\d{0,6}))?$/.exec(text) ?? [];
  return number === "" ? undefined : { perSecond: Number(number) / seconds[unit]!, burst: Number(burst) };
}, 'a rate such as 50/s or 3000/m, or, with how many may come at once, "50/s +200"');
const manifest: Read<number> = (node, name, fail) => {
  const limit = bytes(node, name, fail);
  return limit <= documentLimit ? limit : fail(node, `manifests have ${documentLimit} bytes at most anyway`);
};
const limits = mapping<Limits>({ requests, blob: bytes, manifest }, []);

/** @throws EngineError `invalid` with its place */
export function parseSettings(text: string, file: string): Promise<Settings> {
  return readLocated(text, file, mapping<Settings>({ rules, quotas, retention, limits, upstreams, webhooks }, []));
}

/** A file of rules alone. @throws EngineError `invalid` with its place */
export async function parseRules(text: string, file: string): Promise<Rule[]> {
  return (await readLocated(text, file, mapping<{ rules: Rule[] }>({ rules }, ["rules"]))).rules;
}
