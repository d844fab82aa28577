/** The registry's configuration file: what is to be said of some repositories and not of others, and what is too long for a flag. */
import { permissions, type Rule } from "../auth/rules.ts";
import type { QuotaRule } from "../storage/quota.ts";
import { bytes, choice, list, mapping, type Read, readLocated, some, word } from "./located.ts";

export interface Settings {
  rules?: Rule[];
  quotas?: QuotaRule[];
}

const rules: Read<Rule[]> = list(
  mapping<Rule>({ repositories: some(word), users: some(word), allow: some(choice(permissions, "allow")) }, [
    "repositories",
    "users",
    "allow",
  ]),
);
const quotas: Read<QuotaRule[]> = list(mapping<QuotaRule>({ repositories: some(word), bytes }, ["repositories", "bytes"]));

/** @throws EngineError `invalid` with its place */
export function parseSettings(text: string, file: string): Promise<Settings> {
  return readLocated(text, file, mapping<Settings>({ rules, quotas }, []));
}

/** A file of rules alone. @throws EngineError `invalid` with its place */
export async function parseRules(text: string, file: string): Promise<Rule[]> {
  return (await readLocated(text, file, mapping<{ rules: Rule[] }>({ rules }, ["rules"]))).rules;
}
