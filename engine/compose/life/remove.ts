/** Taking a project's parts away: `down`, `rm`, and what `up` finds to be too much. */
import { EngineError } from "../../errors.ts";
import { imageName } from "../labels.ts";
import { inOrder } from "./graph.ts";
import { runHooks } from "./hooks.ts";
import { removeNetwork, removeVolume } from "./objects.ts";
import { isUp, type Observed, observe, orphansOf, type Seen } from "./observe.ts";
import { runProvider } from "./provider.ts";
import { doing, type Scene } from "./scene.ts";

export interface RemoveWishes {
  /** Seconds until a container is killed. */
  timeout?: number;
  /** Their anonymous volumes go, too. */
  volumes?: boolean;
}

export async function stopContainer(scene: Scene, seen: Seen, timeout?: number): Promise<void> {
  if (!isUp(seen)) return;
  if (seen.state === "running") await runHooks(scene, seen, scene.project.model.services[seen.service]?.pre_stop);
  await doing(scene, "Container", seen.name, ["Stopping", "Stopped"], () =>
    scene.engine.containers.stop(seen.id, timeout === undefined ? {} : { timeout }),
  );
}

/** Stops and removes. One that went by itself meanwhile is no failure. */
export async function removeContainers(scene: Scene, all: readonly Seen[], { timeout, volumes }: RemoveWishes = {}): Promise<void> {
  await Promise.all(
    all.map(async (seen) => {
      try {
        await stopContainer(scene, seen, timeout);
        await doing(scene, "Container", seen.name, ["Removing", "Removed"], () =>
          scene.engine.containers.remove(seen.id, { force: true, volumes: volumes ?? false }),
        );
      } catch (error) {
        if (!(error instanceof EngineError) || error.code !== "not-found") throw error;
      }
    }),
  );
}

export interface DownWishes extends RemoveWishes {
  removeOrphans: boolean;
  /** `--rmi`: images that the file does not name, or all. */
  images?: "local" | "all";
  /** Only these services, and neither networks nor volumes; [] is the whole project. */
  services: readonly string[];
}

/** Containers in the reverse order of what they depend on, then networks, volumes and images. */
export async function down(scene: Scene, wishes: DownWishes): Promise<void> {
  const { engine, project } = scene;
  const observed = await observe(engine, project.model.name);
  const names = wishes.services.length > 0 ? wishes.services : Object.keys(project.model.services);
  await inOrder(
    project,
    names,
    async (name) => {
      if (project.model.services[name]?.provider) await runProvider(scene, name, "down");
      const own = observed.containers.filter(({ service }) => service === name);
      await removeContainers(scene, own, wishes);
    },
    { reversed: true, atOnce: scene.atOnce },
  );
  if (wishes.services.length > 0) return;
  const orphans = orphansOf(project, observed);
  if (wishes.removeOrphans) await removeContainers(scene, orphans, wishes);
  const disabled = observed.containers.filter(({ service }) => project.disabled[service]);
  if (disabled.length > 0) await removeContainers(scene, disabled, wishes);
  await removeObjects(scene, observed, wishes);
  if (wishes.images) await removeImages(scene, wishes.images);
}

/** What carries the project's label alone: what somebody made by hand under such a name stays. */
async function removeObjects(scene: Scene, observed: Observed, { volumes }: DownWishes): Promise<void> {
  await Promise.all(observed.networks.map(({ Name }) => removeNetwork(scene, Name)));
  if (volumes) await Promise.all(observed.volumes.map(({ Name }) => removeVolume(scene, Name)));
}

async function removeImages(scene: Scene, which: "local" | "all"): Promise<void> {
  const { services } = scene.project.model;
  const chosen = Object.entries(services).filter(([, service]) => which === "all" || service.image === undefined);
  const images = new Set(chosen.map(([name, service]) => imageName(scene.project, name, service)));
  await Promise.all(
    [...images].map((image) =>
      doing(scene, "Image", image, ["Removing", "Removed"], () => scene.engine.images.remove(image)).catch((error: unknown) => {
        if (!(error instanceof EngineError) || !["in-use", "not-found", "conflict"].includes(error.code)) throw error;
      }),
    ),
  );
}
