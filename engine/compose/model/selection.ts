/** Which services count: by profiles, by the names that the user gives, and what they depend on (Compose Specification, profiles). Pure. */

import { EngineError } from "../../errors.ts";
import { nearestName } from "../../suggest.ts";
import type { Model, Project } from "../project.ts";
import type { Service } from "../service.ts";

type Services = Record<string, Service>;

function hasProfile({ profiles = [] }: Service, active: readonly string[]): boolean {
  return profiles.length === 0 || active.includes("*") || profiles.some((each) => active.includes(each));
}

function split(services: Services, isIn: (name: string, service: Service) => boolean): [yes: Services, no: Services] {
  const entries = Object.entries(services).sort(([one], [other]) => (one < other ? -1 : 1));
  const part = (wanted: boolean) => Object.fromEntries(entries.filter(([name, service]) => isIn(name, service) === wanted));
  return [part(true), part(false)];
}

/** The project with the services that some active profile enables. */
export function withProfiles(project: Project, profiles: readonly string[]): Project {
  const [services, disabled] = split({ ...project.model.services, ...project.disabled }, (_, service) => hasProfile(service, profiles));
  return { ...project, model: { ...project.model, services }, disabled, profiles: [...profiles] };
}

/** Enables the named services, by their profiles, as if those had been given. */
export function withEnabled(project: Project, names: readonly string[]): Project {
  const more = names.flatMap((name) => (project.model.services[name] ? [] : (project.disabled[name]?.profiles ?? [])));
  return more.length > 0 ? withProfiles(project, [...project.profiles, ...more]) : project;
}

/**
 * Only the named services (or patterns with * and ?), and what they depend on; dependencies on others go.
 * @throws EngineError `not-found`
 */
export function withSelected(project: Project, names: readonly string[], withoutDependencies = false): Project {
  if (names.length === 0) return project;
  const all = project.model.services;
  const wanted = new Set<string>();
  const add = (name: string) => {
    if (wanted.has(name)) return;
    wanted.add(name);
    if (withoutDependencies) return;
    for (const [other, { required }] of Object.entries(all[name]!.depends_on ?? {})) {
      if (all[other]) add(other);
      else if (required) throw noSuchService(other, project);
    }
  };
  for (const name of names) for (const each of matching(name, project)) add(each);
  const [chosen, left] = split(all, (name) => wanted.has(name));
  const services = Object.fromEntries(Object.entries(chosen).map(([name, service]) => [name, dependingOn(service, wanted)]));
  return { ...project, model: { ...project.model, services }, disabled: { ...project.disabled, ...left } };
}

function matching(name: string, project: Project): string[] {
  const all = Object.keys(project.model.services);
  if (all.includes(name)) return [name];
  const pattern = new RegExp(
    `^${name
      .replace(/[.+^${}()|\\]/g, "\\$&")
      .replaceAll("*", "[^/]*")
      .replaceAll("?", "[^/]")}$`,
  );
  const found = /[*?[]/.test(name) ? all.filter((each) => pattern.test(each)) : [];
  if (found.length === 0) throw noSuchService(name, project);
  return found;
}

export function noSuchService(name: string, { model: { services } }: Project): EngineError {
  const suggestion = nearestName(name, Object.keys(services));
  return new EngineError("not-found", `no such service: ${name}`, { suggestion, hint: "list them with 'berth compose config --services'" });
}

function dependingOn(service: Service, wanted: ReadonlySet<string>): Service {
  if (!service.depends_on) return service;
  const { depends_on: all, ...rest } = service;
  const left = Object.entries(all).filter(([name]) => wanted.has(name));
  return left.length > 0 ? { ...service, depends_on: Object.fromEntries(left) } : rest;
}

/** Without networks, volumes, secrets, configs and models that no service uses. */
export function withoutUnused(project: Project): Project {
  const services = Object.values(project.model.services);
  const used: Record<string, string[]> = {
    networks: services.flatMap(({ networks = {} }) => Object.keys(networks)),
    volumes: services.flatMap(({ volumes = [] }) => volumes.flatMap(({ source, type }) => (type === "volume" && source ? [source] : []))),
    secrets: services.flatMap(({ build, secrets = [] }) => [...secrets, ...(build?.secrets ?? [])].map(({ source }) => source)),
    configs: services.flatMap(({ configs = [] }) => configs.map(({ source }) => source)),
    models: services.flatMap(({ models = {} }) => Object.keys(models)),
  };
  const model: Record<string, unknown> = { ...project.model };
  for (const [section, names] of Object.entries(used)) {
    const left = Object.entries((model[section] ?? {}) as object).filter(([name]) => names.includes(name));
    if (left.length > 0) model[section] = Object.fromEntries(left);
    else delete model[section];
  }
  return { ...project, model: model as unknown as Model };
}
