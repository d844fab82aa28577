/** Services restarted, and those that want to follow: `depends_on` with `restart: true`. */
import type { Dependency, Service } from "../service.ts";
import { awaitDependencies } from "./dependencies.ts";
import { closure, inOrder } from "./graph.ts";
import { runHooks } from "./hooks.ts";
import { observeContainers, type Seen } from "./observe.ts";
import { doing, type Scene } from "./scene.ts";

export interface RestartWishes {
  /** Leave alone what depends on the named ones. */
  alone?: boolean;
  /** Seconds until a container that does not stop is killed. */
  timeout?: number;
}

/** With those that follow them, in the project's order. */
export function withFollowers({ project }: Pick<Scene, "project">, named: readonly string[]): string[] {
  const { services } = project.model;
  return Object.keys(services).filter((name) => named.includes(name) || named.some((other) => follows(services, name, other)));
}

/** With those that follow them, and those that follow these, and so on. */
function withAllFollowers({ project }: Pick<Scene, "project">, named: readonly string[]): string[] {
  const { services } = project.model;
  return closure(named, (other) => Object.keys(services).filter((name) => follows(services, name, other)));
}

function follows(services: Readonly<Record<string, Service>>, name: string, other: string): boolean {
  return services[name]!.depends_on?.[other]?.restart ?? false;
}

/** Each starts again once what it follows is what it waits for: healthy, or over. What is not restarted is not waited for. */
export async function restartServices(scene: Scene, named: readonly string[], { alone = false, timeout }: RestartWishes): Promise<void> {
  const { engine, project } = scene;
  const all = (await observeContainers(engine, project.model.name)).filter(({ oneOff }) => !oneOff);
  const names = alone ? named : withAllFollowers(scene, named);
  const containersOf = (name: string) => all.filter(({ service }) => service === name);
  const isMeant = (dependency: string, { restart }: Dependency) => names.includes(dependency) && restart === true;
  const restart = async (name: string) => {
    if (!scene.dryRun) await awaitDependencies(scene, name, containersOf, { isMeant, mustBeThere: true });
    await Promise.all(containersOf(name).map((seen) => restartOne(scene, seen, timeout)));
  };
  await inOrder(project, names, restart, { atOnce: scene.atOnce });
}

async function restartOne(scene: Scene, seen: Seen, timeout?: number): Promise<void> {
  const service = scene.project.model.services[seen.service];
  if (seen.state === "running") await runHooks(scene, seen, service?.pre_stop);
  await doing(scene, "Container", seen.name, ["Restarting", "Started"], () =>
    scene.engine.containers.restart(seen.id, timeout === undefined ? {} : { timeout }),
  );
  await runHooks(scene, seen, service?.post_start);
}
