/** The YAML file of rules. What is wrong in it is shown where it stands. */
import type { Node } from "yaml";
import { EngineError } from "../../../errors.ts";
import { nearest } from "../../../suggest.ts";
import { type Permission, permissions, type Rule } from "./rules.ts";

type Fail = (node: Node | null | undefined, why: string, suggestion?: string) => never;
interface Pair {
  key: Node & { value: unknown };
  value: Node | null;
}

const members = ["repositories", "users", "allow"] as const;

/**
 * @param file for messages
 * @throws EngineError `invalid` with its place
 */
export async function parseRules(text: string, file: string): Promise<Rule[]> {
  const { LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const failAt = (offset: number, why: string, suggestion?: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new EngineError("invalid", `${file}:${line}:${col}: ${why}`, {
      hint: "docs/registry.md shows such a file",
      location: { file, line, column: col, source: text },
      ...(suggestion && { suggestion }),
    });
  };
  const [error] = document.errors;
  if (error) failAt(error.pos[0], error.message);
  const fail: Fail = (node, why, suggestion) => failAt(node?.range?.[0] ?? 0, why, suggestion);
  const [rules] = pairsOf(document.contents as Node | null, ["rules"], fail);
  return itemsOf(rules?.value, '"rules" is a list', fail).map((item) => readRule(item, fail));
}

function readRule(node: Node, fail: Fail): Rule {
  const pairs = new Map(pairsOf(node, members, fail).map(({ key, value }) => [key.value, value]));
  const missing = members.find((name) => !pairs.get(name));
  if (missing) fail(node, `"${missing}" is missing`);
  const words = (name: (typeof members)[number]) => readWords(pairs.get(name)!, name, fail);
  return {
    repositories: words("repositories").map(({ value }) => value),
    users: words("users").map(({ value }) => value),
    allow: words("allow").map(({ value, node: at }) => {
      if (permissions.some((each) => each === value)) return value as Permission;
      return fail(at, `there is nothing "${value}" to allow`, nearest(value, permissions));
    }),
  };
}

/** One word, or a list of them. */
function readWords(node: Node, name: string, fail: Fail): { value: string; node: Node }[] {
  const items = (node as { items?: Node[] }).items ?? [node];
  return items.map((item) => {
    const { value } = item as { value?: unknown };
    return typeof value === "string" && value !== "" ? { value, node: item } : fail(item, `"${name}" is a word, or a list of words`);
  });
}

function pairsOf(node: Node | null, known: readonly string[], fail: Fail): Pair[] {
  const pairs = (node as { items?: Pair[] } | null)?.items;
  if (!pairs?.every(({ key }) => key !== undefined))
    return fail(node, `this is a mapping of ${known.map((name) => `"${name}"`).join(", ")}`);
  const stranger = pairs.find(({ key }) => !known.includes(String(key.value)));
  if (stranger) fail(stranger.key, `there is no setting "${String(stranger.key.value)}"`, nearest(String(stranger.key.value), known));
  return pairs;
}

function itemsOf(node: Node | null | undefined, why: string, fail: Fail): Node[] {
  const items = (node as { items?: unknown[] } | null | undefined)?.items;
  if (!items || items.some((item) => (item as { key?: unknown }).key !== undefined)) return fail(node, why);
  return items as Node[];
}
