/** Short forms become long ones (Compose Specification): what stands in a tree afterwards has one shape. Pure; the tree is changed. */
import { isTree, type Path, placeIn, setPlace, type Tree, tree, wrongAt } from "../source/places.ts";
import { below, type Rules, rules } from "../source/rules.ts";
import { clean } from "../values/paths.ts";
import { parsePorts } from "../values/port-spec.ts";
import { parseVolume, SpecProblem } from "../values/volume-spec.ts";

export interface CanonicalOptions {
  /** Variables are still in the texts: what cannot be read stays as it is. */
  lenient: boolean;
  warn(text: string): void;
}

/** @throws SpecProblem, BadForm */
type Transform = (value: unknown, step: Step) => unknown;

interface Step extends CanonicalOptions {
  rules: Rules<Transform> | undefined;
  path: Path;
}

class BadForm {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const asList: Transform = (value) => (typeof value === "string" ? [value] : value);

const asText: Transform = (value) => (typeof value === "string" ? value : String(value));

const asSource: Transform = (value) => (typeof value === "string" ? tree([["source", value]]) : value);

const namesToMapping: Transform = (value) => (Array.isArray(value) ? fromNames(value, () => null) : value);

/** "A" is { NAME: "A" }; a mapping's members are looked at in their turn. */
const asMember =
  (name: string): Transform =>
  (value, step) =>
    typeof value === "string" ? tree([[name, value]]) : descend(value, step);

const transforms: Rules<Transform> = rules<Transform>({
  "services.*.build": asMember("context"),
  "services.*.build.secrets.*": asSource,
  "services.*.build.provenance": asText,
  "services.*.build.sbom": asText,
  "services.*.build.additional_contexts": pairs,
  "services.*.build.ssh": sshKeys,
  "services.*.depends_on": dependencies,
  "services.*.env_file": envFiles,
  "services.*.label_file": asList,
  "services.*.extends": asMember("service"),
  "services.*.gpus": (value) => (typeof value === "string" ? [tree([["count", "all"]])] : value),
  "services.*.networks": namesToMapping,
  "services.*.models": namesToMapping,
  "services.*.volumes.*": mount,
  "services.*.dns": (value) => [asList(value, {} as Step)].flat().filter((each) => each !== null && each !== ""),
  "services.*.devices.*": device,
  "services.*.secrets.*": asSource,
  "services.*.configs.*": asSource,
  "services.*.ports": ports,
  "services.*.develop.watch.*.ignore": asList,
  "services.*.develop.watch.*.include": asList,
  "volumes.*": external,
  "networks.*": external,
  "secrets.*": external,
  "configs.*": external,
});

/** @throws EngineError `compose`, located, for a short form that cannot be read */
export function canonical(root: Tree, options: CanonicalOptions): Tree {
  return descend(root, { ...options, rules: transforms, path: [] }, root) as Tree;
}

/** The members of a mapping or a list, by the rules below. */
function descend(value: unknown, step: Step, root?: Tree): unknown {
  if (typeof value !== "object" || value === null) return value;
  const names = Array.isArray(value) ? value.keys() : Object.keys(value);
  for (const name of names) {
    const under = below(step.rules, Array.isArray(value) ? "[]" : String(name));
    if (!under) continue;
    const next = { ...step, rules: under, path: [...step.path, String(name)] };
    (value as Tree)[name] = transform((value as Tree)[name], next, root);
  }
  return value;
}

/** Problems surface at the walk's root, which alone knows the places. */
function transform(value: unknown, step: Step, root: Tree | undefined): unknown {
  if (!root) return step.rules?.rule ? step.rules.rule(value, step) : descend(value, step);
  try {
    return step.rules?.rule ? step.rules.rule(value, step) : descend(value, step, root);
  } catch (error) {
    if (error instanceof SpecProblem || error instanceof BadForm) throw wrongAt(root, step.path, error.text);
    throw error;
  }
}

function fromNames(names: readonly unknown[], value: () => unknown): Tree {
  const made = tree();
  names.forEach((name, index) => {
    made[String(name)] = value();
    setPlace(made, String(name), placeIn(names, index));
  });
  return made;
}

function pairs(value: unknown, { lenient }: Step): unknown {
  if (!Array.isArray(value)) return value;
  if (lenient && value.some((each) => !String(each).includes("="))) return value;
  const made = tree();
  value.forEach((each, index) => {
    const [name, ...rest] = String(each).split("=");
    if (rest.length === 0) throw new BadForm(`"${each}" is not NAME=VALUE`);
    made[name!] = rest.join("=");
    setPlace(made, name!, placeIn(value, index));
  });
  return made;
}

function sshKeys(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const made = tree();
  for (const each of value) {
    const [id, ...path] = String(each).split("=");
    if (path.length === 0 && id !== "default") throw new BadForm(`invalid ssh key "${each}"`);
    made[id!] = path.length > 0 ? path.join("=") : null;
  }
  return made;
}

function dependencies(value: unknown): unknown {
  const made = Array.isArray(value) ? fromNames(value, () => tree()) : value;
  if (!isTree(made)) return made;
  for (const each of Object.values(made).filter(isTree)) {
    each["condition"] ??= "service_started";
    each["required"] ??= true;
  }
  return made;
}

function envFiles(value: unknown): unknown {
  const list = typeof value === "string" ? [value] : value;
  if (!Array.isArray(list)) return list;
  for (const [index, each] of list.entries()) {
    const file: Tree = typeof each === "string" ? tree([["path", each]]) : each;
    file["required"] ??= true;
    list[index] = file;
  }
  return list;
}

function mount(value: unknown, { lenient }: Step): unknown {
  if (typeof value !== "string") return value;
  try {
    const volume = parseVolume(value);
    return { ...volume, __proto__: null, target: clean(volume.target!) };
  } catch (error) {
    if (lenient && error instanceof SpecProblem) return value;
    throw error;
  }
}

function device(value: unknown, { lenient }: Step): unknown {
  if (typeof value !== "string") return value;
  const [source = "", target, permissions = "rwm", ...more] = value.split(":");
  if (more.length > 0 && !lenient) throw new BadForm(`invalid device "${value}": it has too many colons`);
  return tree([["source", source] as const, ["target", target || source] as const, ["permissions", permissions] as const]);
}

function ports(value: unknown, { lenient }: Step): unknown {
  if (!Array.isArray(value)) return value;
  const made: unknown[] = [];
  for (const [index, each] of value.entries()) {
    const long = isTree(each) ? [each] : readPorts(String(each), lenient);
    if (!long) return value;
    for (const port of long) {
      setPlace(made, made.length, placeIn(value, index));
      made.push(port);
    }
  }
  return made;
}

function readPorts(text: string, lenient: boolean): Tree[] | undefined {
  try {
    return parsePorts(text);
  } catch (error) {
    if (lenient && error instanceof SpecProblem) return undefined;
    throw error;
  }
}

/** `external: { name: x }`, the older form of `name: x` with `external: true`. */
function external(value: unknown, { path, warn }: Step): unknown {
  if (!isTree(value) || !isTree(value["external"])) return value;
  const { name } = value["external"];
  value["external"] = true;
  if (name === undefined) return value;
  warn(`${path.join(".")}: external.name is deprecated. Please set name and external: true`);
  if (value["name"] !== undefined && value["name"] !== name) throw new BadForm("name and external.name differ: use name alone");
  value["name"] = name;
  return value;
}
