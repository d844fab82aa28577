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

/** Ranges count as what they stand for. */
const mostPorts = 100_000;

type Transform = (value: unknown, step: Step) => unknown;

interface Step extends CanonicalOptions {
  rules: Rules<Transform> | undefined;
  path: Path;
  /** For places. */
  root: Tree;
}

function bad({ path, root }: Step, text: string, index?: number): never {
  throw wrongAt(root, index === undefined ? path : [...path, String(index)], text);
}

/** What reads a short form, or undefined where it cannot and need not. */
function readSpec<Value>(read: () => Value, step: Step, index?: number): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SpecProblem)) throw error;
    return step.lenient ? undefined : bad(step, error.text, index);
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
  "services.*.dns": (value) => [value].flat().filter((each) => each !== null && each !== ""),
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
  return descend(root, { ...options, rules: transforms, path: [], root }) as Tree;
}

/** The members of a mapping or a list, by the rules below. */
function descend(value: unknown, step: Step): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const name of Object.keys(value)) {
    const under = below(step.rules, Array.isArray(value) ? "[]" : name);
    if (!under) continue;
    const next = { ...step, rules: under, path: [...step.path, name] };
    (value as Tree)[name] = (under.rule ?? descend)((value as Tree)[name], next);
  }
  return value;
}

function fromNames(names: readonly unknown[], value: () => unknown): Tree {
  const made = tree();
  names.forEach((name, index) => {
    made[String(name)] = value();
    setPlace(made, String(name), placeIn(names, index));
  });
  return made;
}

function pairs(value: unknown, step: Step): unknown {
  if (!Array.isArray(value)) return value;
  if (step.lenient && value.some((each) => !String(each).includes("="))) return value;
  const made = tree();
  value.forEach((each, index) => {
    const [name, ...rest] = String(each).split("=");
    if (rest.length === 0) bad(step, `"${each}" is not NAME=VALUE`, index);
    made[name!] = rest.join("=");
    setPlace(made, name!, placeIn(value, index));
  });
  return made;
}

function sshKeys(value: unknown, step: Step): unknown {
  if (!Array.isArray(value)) return value;
  const made = tree();
  for (const [index, each] of value.entries()) {
    const [id, ...path] = String(each).split("=");
    if (path.length === 0 && id !== "default") bad(step, `invalid ssh key "${each}"`, index);
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

function mount(value: unknown, step: Step): unknown {
  if (typeof value !== "string") return value;
  const volume = readSpec(() => parseVolume(value), step);
  if (volume) volume.target = clean(volume.target!);
  return volume ?? value;
}

function device(value: unknown, step: Step): unknown {
  if (typeof value !== "string") return value;
  const [source = "", target, permissions = "rwm", ...more] = value.split(":");
  if (more.length > 0 && !step.lenient) bad(step, `invalid device "${value}": it has too many colons`);
  return tree([["source", source] as const, ["target", target || source] as const, ["permissions", permissions] as const]);
}

function ports(value: unknown, step: Step): unknown {
  if (!Array.isArray(value)) return value;
  const made: unknown[] = [];
  for (const [index, each] of value.entries()) {
    const long = isTree(each) ? [each] : readSpec(() => parsePorts(String(each)), step, index);
    if (!long) return value;
    if (made.length + long.length > mostPorts) bad(step, `the service has more than ${mostPorts} ports`, index);
    for (const port of long) {
      setPlace(made, made.length, placeIn(value, index));
      made.push(port);
    }
  }
  return made;
}

/** `external: { name: x }`, the older form of `name: x` with `external: true`. */
function external(value: unknown, step: Step): unknown {
  if (!isTree(value) || !isTree(value["external"])) return value;
  const { name } = value["external"];
  value["external"] = true;
  if (name === undefined) return value;
  step.warn(`${step.path.join(".")}: external.name is deprecated. Please set name and external: true`);
  if (value["name"] !== undefined && value["name"] !== name) bad(step, "name and external.name differ: use name alone");
  value["name"] = name;
  return value;
}
