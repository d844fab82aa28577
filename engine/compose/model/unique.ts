/**
 * Lists whose items have a key (a variable's name, a mount's target, a port): of items with the same key the last counts, in the place of
 * the first. Pure; the tree is changed.
 */
import { isTree, listFrom, type Path, type Tree, wrongAt } from "../source/places.ts";
import { below, type Rules, rules } from "../source/rules.ts";
import { parseVolume, SpecProblem } from "../values/volume-spec.ts";

/** An item's key; undefined when it lacks what makes one. */
type Key = (item: unknown) => string | undefined;

const text: Key = (item) => (typeof item === "string" ? item : typeof item === "number" ? String(item) : "");
const variable: Key = (item) => text(item)!.split("=", 1)[0];
const member =
  (name: string, ofText: Key): Key =>
  (item) =>
    isTree(item) ? (typeof item[name] === "string" ? item[name] : undefined) : ofText(item);

const fileMount =
  (directory: string): Key =>
  (item) =>
    isTree(item) ? String(item["target"] ?? `${directory}/${String(item["source"])}`) : `${directory}/${text(item)}`;

const device: Key = (item) => {
  const [source, target] = text(item)!.split(":");
  return target ?? source;
};

const port: Key = (item) => {
  if (!isTree(item)) return text(item);
  if (!("target" in item)) return undefined;
  return `${item["host_ip"] ?? "0.0.0.0"}:${item["published"]}:${item["target"]}/${item["protocol"] ?? "tcp"}`;
};

const keys: Rules<Key> = rules<Key>({
  "networks.*.labels": variable,
  ...Object.fromEntries(
    [
      ...["annotations", "build.args", "build.additional_contexts", "build.tags", "build.labels", "cap_add", "cap_drop", "deploy.labels"],
      ...["dns", "dns_opt", "dns_search", "environment", "labels", "links", "networks.*.aliases", "networks.*.link_local_ips"],
      ...["profiles", "sysctls", "tmpfs"],
    ].map((name) => [`services.*.${name}`, variable]),
  ),
  "services.*.configs": fileMount(""),
  "services.*.secrets": fileMount("/run/secrets"),
  "services.*.devices": member("target", device),
  "services.*.env_file": member("path", text),
  "services.*.expose": text,
  "services.*.ports": port,
  "services.*.volumes": member("target", (item) => parseVolume(text(item)!).target),
});

/** @throws EngineError `compose`, located, for an item without what makes its key */
export function dropRepeated(root: Tree): Tree {
  return walk(root, root, keys, []) as Tree;
}

function walk(root: Tree, value: unknown, at: Rules<Key> | undefined, path: Path): unknown {
  if (!at) return value;
  if (Array.isArray(value)) return at.rule ? lastOf(root, value, at.rule, path) : value;
  if (!isTree(value)) return value;
  for (const name of Object.keys(value)) value[name] = walk(root, value[name], below(at, name), [...path, name]);
  return value;
}

function lastOf(root: Tree, list: readonly unknown[], keyOf: Key, path: Path): unknown[] {
  const found = new Map<string, [index: number, item: unknown]>();
  for (const [index, item] of list.entries()) found.set(keyAt(root, item, keyOf, [...path, String(index)]), [index, item]);
  return found.size === list.length ? (list as unknown[]) : listFrom(list, found.values());
}

function keyAt(root: Tree, item: unknown, keyOf: Key, path: Path): string {
  try {
    const key = keyOf(item);
    if (key !== undefined) return key;
  } catch (error) {
    throw error instanceof SpecProblem ? wrongAt(root, path, error.text) : error;
  }
  throw wrongAt(root, path, "it has no target");
}
