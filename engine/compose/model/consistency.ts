/** Whether what a project's elements name is there, and what excludes each other is not there together. Pure. */

import type { EngineError } from "../../errors.ts";
import { nearestName } from "../../suggest.ts";
import type { Model, Project } from "../project.ts";
import type { Service } from "../service.ts";
import { type Path, type Tree, wrongAt } from "../source/places.ts";

/** Throws what is wrong with the element at a path below the service. */
type Complain = (path: Path, text: string, options?: { suggestion?: string }) => EngineError;

interface Case {
  name: string;
  service: Service;
  project: Project;
  wrong: Complain;
}

/** @param root the merged document, for places. @throws EngineError `compose`, located */
export function checkConsistency(project: Project, root: Tree): void {
  for (const [name, service] of Object.entries(project.model.services)) {
    const wrong: Complain = (path, text, options) => wrongAt(root, ["services", name, ...path], text, options);
    for (const check of checks) check({ name, service, project, wrong });
  }
  for (const [name, { environment, external, file }] of Object.entries(project.model.secrets ?? {}))
    if (!external && !file && !environment) throw wrongAt(root, ["secrets", name], "it must have a file or an environment variable");
  checkCycles(project, root);
}

const checks: ((of: Case) => void)[] = [
  checkImage,
  checkBuild,
  checkNetworks,
  checkHealth,
  checkDependencies,
  checkMounted,
  checkScale,
  checkLimits,
  checkWatch,
  checkTargets,
];

function checkImage({ service: { build, image, provider }, wrong }: Case): void {
  if (!build && !image && !provider) throw wrong([], "it has neither an image nor a build context");
}

function checkBuild({ project, service: { build, platform }, wrong }: Case): void {
  if (!build) return;
  if (build.dockerfile && build.dockerfile_inline) throw wrong(["build"], "dockerfile and dockerfile_inline exclude each other");
  for (const [context, source] of Object.entries(build.additional_contexts ?? {})) {
    if (!source.startsWith("service:")) continue;
    const other = project.model.services[source.slice("service:".length)];
    if (!other?.build) throw wrong(["build", "additional_contexts", context], `"${source}" is no service that is built`);
  }
  if (platform && build.platforms && !build.platforms.includes(platform))
    throw wrong(["build", "platforms"], `the service's platform "${platform}" is not among them`);
}

function checkNetworks({ project, service: { network_mode: mode, networks = {} }, wrong }: Case): void {
  if (mode && Object.keys(networks).length > 0) throw wrong(["network_mode"], "network_mode and networks exclude each other");
  for (const name of Object.keys(networks))
    if (!project.model.networks?.[name]) throw undefinedName("network", name, ["networks", name], project, wrong);
  const other = mode?.startsWith("service:") ? mode.slice("service:".length) : undefined;
  if (other !== undefined && !project.model.services[other])
    throw wrong(["network_mode"], `there is no service "${other}"`, near(other, project.model.services));
}

function checkHealth({ service: { healthcheck }, wrong }: Case): void {
  const [kind] = healthcheck?.test ?? [];
  if (kind !== undefined && !["CMD", "CMD-SHELL", "NONE"].includes(kind))
    throw wrong(["healthcheck", "test"], `a list begins with "CMD", "CMD-SHELL" or "NONE", not with "${kind}"`);
}

function checkDependencies({ project, service: { depends_on: dependencies = {} }, wrong }: Case): void {
  for (const [name, { required }] of Object.entries(dependencies)) {
    if (project.model.services[name] || (!required && project.disabled[name])) continue;
    const why = project.disabled[name] ? `the service "${name}" is not enabled by any active profile` : `there is no service "${name}"`;
    throw wrong(["depends_on", name], why, near(name, project.model.services));
  }
}

function near(name: string, among: object): { suggestion?: string } {
  return { suggestion: nearestName(name, Object.keys(among)) };
}

type Section = "network" | "volume" | "secret" | "config" | "model";

function undefinedName(section: Section, name: string, path: Path, { model }: Project, wrong: Complain): EngineError {
  return wrong(path, `there is no ${section} "${name}"`, near(name, model[`${section}s`] ?? {}));
}

function checkMounted({ project, service, wrong }: Case): void {
  const refer = (section: Section, name = "", ...path: Path) => {
    if (!project.model[`${section}s` as keyof Model & string]?.[name as never]) throw undefinedName(section, name, path, project, wrong);
  };
  service.volumes?.forEach(({ source, type }, index) => {
    if (type === "volume" && source) refer("volume", source, "volumes", String(index));
  });
  for (const [index, { source }] of (service.build?.secrets ?? []).entries()) refer("secret", source, "build", "secrets", String(index));
  for (const [index, { source }] of (service.configs ?? []).entries()) refer("config", source, "configs", String(index));
  for (const [index, { source }] of (service.secrets ?? []).entries()) refer("secret", source, "secrets", String(index));
  for (const name of Object.keys(service.models ?? {})) refer("model", name, "models", name);
}

/** `scale` and `deploy.replicas` are one thing; the first is copied to the second. */
function checkScale({ service, wrong }: Case): void {
  const { container_name: container, deploy, scale } = service;
  if (scale !== undefined && deploy) {
    if (deploy.replicas !== undefined && deploy.replicas !== scale) throw wrong(["scale"], "it differs from deploy.replicas");
    deploy.replicas = scale;
  }
  if ((scale ?? 0) < 0) throw wrong(["scale"], "must be 0 or more");
  if ((deploy?.replicas ?? 0) < 0) throw wrong(["deploy", "replicas"], "must be 0 or more");
  if (container && (scale ?? deploy?.replicas ?? 1) > 1)
    throw wrong(["container_name"], `the service has several containers, of which only one can be called "${container}"`);
}

function checkLimits({ service, wrong }: Case): void {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const same = (name: keyof Service, value: unknown, other: unknown, path: string) => {
    if (value !== undefined && value !== other) throw wrong([name], `it differs from deploy.resources.${path}`);
  };
  if (limits) same("cpus", service.cpus, limits.cpus, "limits.cpus");
  if (limits) same("mem_limit", service.mem_limit, limits.memory, "limits.memory");
  if (limits) same("pids_limit", service.pids_limit, limits.pids, "limits.pids");
  if (reservations) same("mem_reservation", service.mem_reservation, reservations.memory, "reservations.memory");
}

function checkWatch({ service: { develop }, wrong }: Case): void {
  develop?.watch?.forEach(({ action, target }, index) => {
    if (!target && action !== "rebuild" && action !== "restart")
      throw wrong(["develop", "watch", String(index)], `the action "${action}" needs a target`);
  });
}

/** Nothing is mounted over something else. */
function checkTargets({ service: { tmpfs = [], volumes = [] }, wrong }: Case): void {
  const seen = new Map<string, string>();
  const mount = (target: string, section: string, index: number) => {
    const other = seen.get(target);
    if (other) throw wrong([section, String(index)], `"${target}" is mounted by ${other} already`);
    seen.set(target, `${section}[${index}]`);
  };
  for (const [index, spec] of tmpfs.entries()) mount(spec.split(":", 1)[0]!, "tmpfs", index);
  for (const [index, { target }] of volumes.entries()) mount(target, "volumes", index);
}

/** Services that wait for each other would wait for ever. */
function checkCycles({ model: { services } }: Project, root: Tree): void {
  const done = new Set<string>();
  const follow = (name: string, way: readonly string[]): void => {
    const at = way.indexOf(name);
    if (at >= 0) {
      const circle = [...way.slice(at), name];
      throw wrongAt(root, ["services", way.at(-1)!, "depends_on", name], `the dependencies are a circle: ${circle.join(" -> ")}`);
    }
    if (done.has(name)) return;
    for (const other of Object.keys(services[name]?.depends_on ?? {})) follow(other, [...way, name]);
    done.add(name);
  };
  for (const name of Object.keys(services)) follow(name, []);
}

/** No two services' containers are called the same. @throws EngineError `compose`, located */
export function checkContainerNames({ model: { services } }: Project, root: Tree): void {
  const taken = new Map<string, string>();
  for (const [service, { container_name: name }] of Object.entries(services)) {
    if (!name) continue;
    const other = taken.get(name);
    const at = ["services", service, "container_name"];
    if (other) throw wrongAt(root, at, `container name "${name}" is already in use by service ${other}`);
    taken.set(name, service);
  }
}
