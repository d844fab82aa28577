/**
 * What the specification adds to a merged document: the default network, names of networks and volumes, dependencies that follow from
 * other elements, values of variables that are only named. Pure; the tree is changed.
 */
import { isTree, type Tree, tree } from "../source/places.ts";
import { clean } from "../values/paths.ts";
import type { Lookup } from "../values/template.ts";

export function normalize(root: Tree, name: string, lookup: Lookup): void {
  root["name"] = name;
  const services = isTree(root["services"]) ? Object.values(root["services"]).filter(isTree) : [];
  connect(root, services);
  for (const service of services) normalizeService(service, lookup);
  for (const section of ["networks", "volumes", "configs", "secrets"]) nameAll(root[section], name);
}

/** Whoever has no network is on the default one, which exists when somebody is on it. */
function connect(root: Tree, services: readonly Tree[]): void {
  let usesDefault = false;
  for (const service of services) {
    if ("provider" in service || "network_mode" in service) continue;
    const { networks } = service;
    if (!isTree(networks) || Object.keys(networks).length === 0) service["networks"] = tree([["default", null]]);
    usesDefault ||= "default" in (service["networks"] as Tree);
  }
  const networks = isTree(root["networks"]) ? root["networks"] : tree();
  if (usesDefault && !("default" in networks)) networks["default"] = null;
  if (Object.keys(networks).length > 0) root["networks"] = networks;
}

function normalizeService(service: Tree, lookup: Lookup): void {
  if (service["pull_policy"] === "if_not_present") service["pull_policy"] = "missing";
  if (isTree(service["build"])) normalizeBuild(service["build"], lookup);
  if ("environment" in service) service["environment"] = resolveNames(service["environment"], lookup, true);
  for (const mount of listOf(service["volumes"]).filter(isTree))
    if (typeof mount["target"] === "string") mount["target"] = clean(mount["target"]);
  addDependencies(service);
}

function normalizeBuild(build: Tree, lookup: Lookup): void {
  build["context"] ??= ".";
  if (build["dockerfile"] == null && build["dockerfile_inline"] == null) build["dockerfile"] = "Dockerfile";
  if ("args" in build) build["args"] = resolveNames(build["args"], lookup, false);
}

/** Names without a value get the one of the environment; without one there they stay, or go. */
export function resolveNames(value: unknown, lookup: Lookup, keep: boolean): unknown {
  if (Array.isArray(value)) {
    return value.flatMap((each) => {
      if (typeof each !== "string" || each.includes("=")) return [each];
      const found = lookup(each);
      return found !== undefined ? [`${each}=${found}`] : keep ? [each] : [];
    });
  }
  if (!isTree(value)) return value;
  const pairs = Object.keys(value).map((name) => [name, value[name] ?? lookup(name) ?? null] as const);
  return tree(keep ? pairs : pairs.filter(([, each]) => each !== null));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Links, namespaces and volumes of another service make this one depend on it. */
function addDependencies(service: Tree): void {
  const dependencies = isTree(service["depends_on"]) ? service["depends_on"] : tree();
  const add = (name: string, restart: boolean) => {
    dependencies[name] ??= tree(Object.entries({ condition: "service_started", restart, required: true }));
  };
  for (const link of listOf(service["links"]).map(String)) {
    const [name, ...alias] = link.split(":");
    add(alias.length === 1 ? name! : link, true);
  }
  for (const namespace of ["network_mode", "ipc", "pid", "uts", "cgroup"]) {
    const mode = service[namespace];
    if (typeof mode === "string" && mode.startsWith("service:")) add(mode.slice("service:".length), true);
  }
  for (const from of listOf(service["volumes_from"]).map(String)) if (!from.startsWith("container:")) add(from.split(":")[0]!, false);
  if (Object.keys(dependencies).length > 0) service["depends_on"] = dependencies;
}

function nameAll(section: unknown, project: string): void {
  if (!isTree(section)) return;
  for (const key of Object.keys(section)) {
    const resource = isTree(section[key]) ? section[key] : tree();
    resource["name"] ??= resource["external"] === true ? key : `${project}_${key}`;
    section[key] = resource;
  }
}
