/**
 * Merging of files (Compose Specification, merge): what a later file says is added to mappings and lists, and takes the place of scalars,
 * with the exceptions of the tables here. Pure; the first tree is changed and returned.
 */
import { isTree, listFrom, type Path, placeIn, setPlace, type Tree, tree, wrongAt } from "../source/places.ts";
import { below, type Rules, rules } from "../source/rules.ts";

/** How two values become one. */
type Merge = (base: unknown, over: unknown, step: Step) => unknown;

interface Step {
  rules: Rules<Merge> | undefined;
  path: Path;
  /** The later document, for the places of errors. */
  root: Tree;
}

const replace: Merge = (_base, over) => over;
const append: Merge = (base, over) => joined(sequence(base), sequence(over));

/** Names with options: a list of names is a mapping without them. */
const named =
  (options?: () => Tree): Merge =>
  (base, over, step) =>
    mergeMappings(mappingOf(base, options), mappingOf(over, options), step);

const dependency = () => tree([["condition", "service_started"] as const, ["required", true] as const]);

const special: Rules<Merge> = rules<Merge>({
  "networks.*.ipam.config": mergePools,
  "networks.*.labels": append,
  "volumes.*.labels": append,
  "services.*.annotations": append,
  "services.*.build": (base, over, step) => mergeMappings(buildOf(base), buildOf(over), step),
  "services.*.build.args": append,
  "services.*.build.additional_contexts": append,
  "services.*.build.extra_hosts": mergeHosts,
  "services.*.build.labels": append,
  "services.*.command": replace,
  "services.*.depends_on": named(dependency),
  "services.*.deploy.labels": append,
  "services.*.dns": append,
  "services.*.dns_opt": append,
  "services.*.dns_search": append,
  "services.*.entrypoint": replace,
  "services.*.env_file": append,
  "services.*.label_file": append,
  "services.*.environment": append,
  "services.*.extra_hosts": mergeHosts,
  "services.*.healthcheck.test": replace,
  "services.*.labels": append,
  "services.*.logging": mergeLogging,
  "services.*.models": named(),
  "services.*.networks": named(),
  "services.*.sysctls": append,
  "services.*.tmpfs": append,
  "services.*.ulimits.*": replace,
});

/** Puts a later file over an earlier one. @throws EngineError `compose`, located, for kinds that do not go together */
export function merge(base: Tree, over: Tree): Tree {
  return mergeMappings(base, over, { rules: special, path: [], root: over });
}

/** Puts a service over the one that it extends. @param path where the service stands in `root` */
export function mergeService(base: Tree, over: Tree, path: Path, root: Tree): Tree {
  return mergeMappings(base, over, { rules: below(below(special, "services"), path[1]!), path, root });
}

function mergeMappings(base: Tree, over: Tree, step: Step): Tree {
  for (const name of Object.keys(over)) {
    const next = { ...step, rules: below(step.rules, name), path: [...step.path, name] };
    base[name] = name in base ? mergeValues(base[name], over[name], next) : over[name];
    if (over[name] !== null || !placeIn(base, name)) setPlace(base, name, placeIn(over, name));
  }
  return base;
}

function mergeValues(base: unknown, over: unknown, step: Step): unknown {
  const rule = step.rules?.rule;
  if (rule) return rule(base, over, step);
  if (over === null) return base;
  if (isTree(base)) return isTree(over) ? mergeMappings(base, over, step) : misfit(step, "a mapping");
  if (Array.isArray(base)) return Array.isArray(over) ? joined(base, over) : misfit(step, "a list");
  return over;
}

function misfit({ path, root }: Step, wanted: string): never {
  throw wrongAt(root, path, `cannot override ${wanted} of an earlier file with something else`);
}

function joined(base: readonly unknown[], over: readonly unknown[]): unknown[] {
  const list = listFrom(base, base.entries());
  over.forEach((item, index) => {
    setPlace(list, list.length, placeIn(over, index));
    list.push(item);
  });
  return list;
}

/** "NAME=VALUE" for each entry of a mapping, sorted; a list as it is; a text as a list of one. */
function sequence(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return [value];
  return isTree(value) ? entries(value) : [];
}

function entries(mapping: Tree): string[] {
  const pairs = Object.keys(mapping).flatMap((name) => {
    const value = mapping[name];
    const texts = value === null ? [name] : (Array.isArray(value) ? value : [value]).map((each) => `${name}=${String(each)}`);
    return texts.map((text) => [name, text] as const);
  });
  const list: string[] = [];
  for (const [name, text] of pairs.sort(([, one], [, other]) => (one < other ? -1 : one > other ? 1 : 0))) {
    setPlace(list, list.length, placeIn(mapping, name));
    list.push(text);
  }
  return list;
}

function mappingOf(value: unknown, options?: () => Tree): Tree {
  if (!Array.isArray(value)) return isTree(value) ? value : tree();
  const made = tree();
  value.forEach((name, index) => {
    made[String(name)] = options?.() ?? null;
    setPlace(made, String(name), placeIn(value, index));
  });
  return made;
}

function buildOf(value: unknown): Tree {
  if (typeof value === "string") return tree([["context", value]]);
  return isTree(value) ? value : tree();
}

/** A line that is there already is not added again. */
function mergeHosts(base: unknown, over: unknown): unknown[] {
  const before = sequence(base);
  const after = sequence(over);
  const fresh = [...after.entries()].filter(([, line]) => !before.includes(line));
  return joined(before, listFrom(after, fresh));
}

/** Options of one driver mean nothing to another. */
function mergeLogging(base: unknown, over: unknown, step: Step): unknown {
  if (!isTree(base) || !isTree(over)) return over ?? base;
  const isSame = base["driver"] === over["driver"] || !("driver" in base) || !("driver" in over);
  return isSame ? mergeMappings(base, over, step) : over;
}

/** Pools of the same subnet are one. */
function mergePools(base: unknown, over: unknown, step: Step): unknown {
  if (!Array.isArray(base) || !Array.isArray(over)) return misfit(step, "a list");
  const made: Tree[] = [];
  const put = (pool: Tree) => {
    const at = made.findIndex((each) => each["subnet"] === pool["subnet"]);
    if (at < 0) made.push(pool);
    else made[at] = pool;
  };
  for (const earlier of base.filter(isTree)) {
    for (const later of over.filter(isTree)) {
      const isOther = later["subnet"] !== earlier["subnet"];
      if (isOther && !made.some((each) => each["subnet"] === later["subnet"])) made.push(later);
      else put(mergeMappings(earlier, later, step));
    }
  }
  return made;
}
