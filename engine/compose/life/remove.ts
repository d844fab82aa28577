/** Taking a project's parts away: `down`, `rm`, and what `up` finds to be too much. */
import { EngineError } from "../../errors.ts";
import { imageName, label } from "../labels.ts";
import type { Project } from "../project.ts";
import { inOrder, withDependants } from "./graph.ts";
import { runHooks } from "./hooks.ts";
import { removeNetwork, removeVolume } from "./objects.ts";
import { isUp, type Observed, observe, type Seen } from "./observe.ts";
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
  await doing(scene, "Container", seen.name, ["Stopping", "Stopped"], async () => {
    if (seen.state === "running") await runHooks(scene, seen, scene.project.model.services[seen.service]?.pre_stop);
    await scene.engine.containers.stop(seen.id, timeout === undefined ? {} : { timeout });
  });
}

/** The same; of one that is stopped already it is said, too. */
export async function stopOrTell(scene: Scene, seen: Seen, timeout?: number): Promise<void> {
  if (isUp(seen)) await stopContainer(scene, seen, timeout);
  else await doing(scene, "Container", seen.name, ["Stopping", "Stopped"], async () => {});
}

/** Stops and removes; of those that have ended it is said, too. One that went by itself meanwhile is no failure. */
export async function removeContainers(scene: Scene, all: readonly Seen[], { timeout, volumes }: RemoveWishes = {}): Promise<void> {
  const remove = async (seen: Seen) => {
    await stopOrTell(scene, seen, timeout);
    await removeOne(scene, seen, volumes);
  };
  await Promise.all(all.map((seen) => unlessGone(remove(seen))));
}

/** Removes what has been stopped. */
export async function removeEnded(scene: Scene, all: readonly Seen[], { volumes }: RemoveWishes = {}): Promise<void> {
  await Promise.all(all.map((seen) => unlessGone(removeOne(scene, seen, volumes))));
}

async function removeOne(scene: Scene, { id, name }: Seen, volumes = false): Promise<void> {
  await doing(scene, "Container", name, ["Removing", "Removed"], () => scene.engine.containers.remove(id, { force: true, volumes }));
}

async function unlessGone(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof EngineError) || error.code !== "not-found") throw error;
  });
}

export interface DownWishes extends RemoveWishes {
  /** Containers of services that the project does not have, and those of `run`. */
  removeOrphans: boolean;
  /** `--rmi`: images that the file does not name, or all. */
  images?: "local" | "all";
  /** Only these services and those that depend on them, and what nothing uses then; [] is the whole project. */
  services: readonly string[];
}

/** Containers in the reverse order of what they depend on, then networks, volumes and images. */
export async function down(scene: Scene, wishes: DownWishes): Promise<void> {
  const { engine, project } = scene;
  const observed = await observe(engine, project.model.name);
  const named = wishes.services.length > 0;
  if (isNothing(project, observed, wishes)) tellNothing(scene);
  const names = named ? withDependants(project, wishes.services) : Object.keys(project.model.services);
  const going = observed.containers.filter(({ oneOff }) => wishes.removeOrphans || !oneOff);
  await inOrder(
    project,
    names,
    async (name) => {
      if (project.model.services[name]?.provider) await runProvider(scene, name, "down");
      await removeContainers(
        scene,
        going.filter(({ service }) => service === name),
        wishes,
      );
    },
    { reversed: true, atOnce: scene.atOnce },
  );
  // Those of a profile that is off are no orphans: who started them with it ends them with it.
  const orphans = going.filter(({ service }) => !project.model.services[service] && !project.disabled[service]);
  if (wishes.removeOrphans) await removeContainers(scene, orphans, wishes);
  await removeObjects(scene, observed, wishes);
  if (wishes.images) await removeImages(scene, wishes.images);
}

/** There is nothing, and nothing was to be looked for. As docker compose, which counts what the file has. */
function isNothing({ model }: Project, observed: Observed, { images, services, volumes }: DownWishes): boolean {
  const wanted = [model.networks, volumes ? model.volumes : undefined].flatMap((all) => Object.values(all ?? {}));
  const there = [observed.containers, observed.networks, volumes ? observed.volumes : []].flat();
  return services.length === 0 && !images && there.length === 0 && wanted.every(({ external }) => external);
}

function tellNothing({ project, report }: Scene): void {
  report({ type: "warning", text: `No resource found to remove for project "${project.model.name}".` });
}

/** What carries the project's label alone: what somebody made by hand under such a name stays. */
async function removeObjects(scene: Scene, observed: Observed, { volumes }: DownWishes): Promise<void> {
  await Promise.all(observed.networks.map(({ Name }) => removeNetwork(scene, Name)));
  if (volumes) await Promise.all(observed.volumes.map(({ Name }) => removeVolume(scene, Name)));
}

/** Those of `--rmi`, and what was built for the project's services, whatever its name: its labels say so. */
async function removeImages(scene: Scene, which: "local" | "all"): Promise<void> {
  const { services, name: project } = scene.project.model;
  const chosen = Object.entries(services).filter(([, service]) => which === "all" || service.image === undefined);
  const built = (await scene.engine.images.list({ filters: { label: [`${label.project}=${project}`] } }))
    .filter(({ Labels }) => services[Labels?.[label.service] ?? ""])
    .flatMap(({ RepoTags }) => RepoTags?.[0] ?? []);
  const images = new Set([...chosen.map(([name, service]) => imageName(scene.project, name, service)), ...built].map(tagged));
  await Promise.all(
    [...images].map((image) =>
      doing(scene, "Image", image, ["Removing", "Removed"], () => scene.engine.images.remove(image)).catch((error: unknown) => {
        if (!(error instanceof EngineError) || !["in-use", "not-found", "conflict"].includes(error.code)) throw error;
      }),
    ),
  );
}

const tagged = (name: string) => (/:[^/]*$/.test(name) ? name : `${name}:latest`);
