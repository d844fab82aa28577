/** Services restarted, and those that want to follow: `depends_on` with `restart: true`. */
import { inOrder } from "./graph.ts";
import { observeContainers } from "./observe.ts";
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
  const follows = (name: string) => named.some((other) => services[name]!.depends_on?.[other]?.restart);
  return Object.keys(services).filter((name) => named.includes(name) || follows(name));
}

export async function restartServices(scene: Scene, named: readonly string[], { alone = false, timeout }: RestartWishes): Promise<void> {
  const { engine, project } = scene;
  const all = (await observeContainers(engine, project.model.name)).filter(({ oneOff }) => !oneOff);
  const names = alone ? named : withFollowers(scene, named);
  const restart = async (name: string) => {
    const own = all.filter(({ service }) => service === name);
    await Promise.all(
      own.map(({ id, name: container }) =>
        doing(scene, "Container", container, ["Restarting", "Started"], () =>
          engine.containers.restart(id, timeout === undefined ? {} : { timeout }),
        ),
      ),
    );
  };
  await inOrder(project, names, restart, { atOnce: scene.atOnce });
}
