/** The images that services build: as many at once as may be, and no step twice where builds have it in common. */
import type { BuildOptions } from "../../build/index.ts";
import { EngineError } from "../../errors.ts";
import { parseTruth } from "../../truth.ts";
import { imageName } from "../labels.ts";
import type { Project } from "../project.ts";
import { anyService, type BuildWishes, buildNeeds, buildOf } from "./build.ts";
import { closure, dependenciesOf } from "./graph.ts";
import { doing, type Scene, through } from "./scene.ts";

/** A service's build, and those that come first. */
export interface PlannedBuild {
  options: BuildOptions;
  after: string[];
}

/** Services with those whose builds their contexts come from, whatever else was chosen. Pure. */
export function withBuildNeeds(project: Project, names: readonly string[]): string[] {
  return closure(names, (name) => buildNeeds(anyService(project, name)));
}

/**
 * Without bake, and without BuildKit, docker compose builds in the order in which services depend on each other, so that one can be
 * built FROM another's image by its name. Pure.
 */
function dependsFirst({ environment: { COMPOSE_BAKE, DOCKER_BUILDKIT } }: Project): boolean {
  return [COMPOSE_BAKE, DOCKER_BUILDKIT].some((text) => text !== undefined && parseTruth(text) === false);
}

/**
 * A build waits for what its contexts come from. Of those from one Dockerfile the first goes ahead, so that the others find in the
 * cache what they share with it; one that is the same build under another name takes all of it from there, with `--no-cache` too. Pure.
 */
export function planBuilds(project: Project, names: readonly string[], wishes: BuildWishes): Map<string, PlannedBuild> {
  const leaders = new Map<string, string>();
  const planned = new Map<string, PlannedBuild>();
  for (const name of names) {
    const service = anyService(project, name);
    const options = buildOf(project, name, service, wishes);
    const needs = dependsFirst(project) ? [...buildNeeds(service), ...dependenciesOf(project, name)] : buildNeeds(service);
    const after = needs.filter((need) => names.includes(need));
    const { context, file, dockerfile, tags: _tags, labels: _labels, ...rest } = options;
    const source = JSON.stringify([context, file, dockerfile]);
    const whole = JSON.stringify([source, rest]);
    const twin = leaders.get(whole);
    const leader = twin ?? leaders.get(source);
    // One that waits for others itself leads nobody: they might wait for each other.
    if (after.length === 0) for (const key of [source, whole]) if (!leaders.has(key)) leaders.set(key, name);
    planned.set(name, {
      options: twin === undefined ? options : { ...options, noCache: false, pull: false },
      after: leader === undefined || after.includes(leader) ? after : [...after, leader],
    });
  }
  return planned;
}

export async function buildImages(scene: Scene, chosen: readonly string[], wishes: BuildWishes = {}, quiet = false): Promise<void> {
  const { engine, project, report, signal, noVerify = false } = scene;
  const names = withBuildNeeds(project, chosen);
  const planned = planBuilds(project, names, wishes);
  requireAgent(project, planned);
  const begun = new Map<string, Promise<void>>();
  const build = (name: string): Promise<void> => {
    const known = begun.get(name);
    if (known) return known;
    const { after, options } = planned.get(name)!;
    const work = (async () => {
      await Promise.all(after.map(build));
      await doing(scene, "Image", imageName(project, name, anyService(project, name)), ["Building", "Built"], async () => {
        await through(engine.builder.build({ ...options, noVerify, signal }), (event) => {
          if (!quiet || event.type === "warning") report(named(event, name));
        });
      });
    })();
    begun.set(name, work);
    return work;
  };
  const results = await Promise.allSettled(names.map(build));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

/** An agent that is asked for and not there is said before anything is built. @throws EngineError `invalid` */
function requireAgent({ environment }: Project, planned: ReadonlyMap<string, PlannedBuild>): void {
  if (environment["SSH_AUTH_SOCK"]) return;
  for (const [name, { options }] of planned)
    if (options.ssh?.some(({ paths }) => paths.length === 0))
      throw new EngineError("invalid", "invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set", {
        hint: `the build of service "${name}" asks for an agent: start one, or name a key`,
      });
}

/** Steps of several builds stand apart by the service's name. */
function named<Event extends { type: string }>(event: Event, name: string): Event {
  if (event.type === "step") {
    const step = event as unknown as { id: string; name: string };
    return {
      ...event,
      id: `${name} ${step.id}`,
      name: step.name.startsWith("[") ? `[${name} ${step.name.slice(1)}` : `[${name}] ${step.name}`,
    };
  }
  if (event.type === "step-log" || event.type === "step-status")
    return { ...event, id: `${name} ${(event as unknown as { id: string }).id}` };
  return event;
}
