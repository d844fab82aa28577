/** Volumes of a project: made where they are missing; made anew, with the containers that use them, where the project says otherwise and somebody agreed. */
import type { Engine } from "../../engine.ts";
import { EngineError } from "../../errors.ts";
import type { VolumeInspect } from "../../volume/index.ts";
import { label, objectLabels } from "../labels.ts";
import { volumeHash } from "../print/hash.ts";
import type { Volume } from "../project.ts";
import { missing } from "./objects.ts";
import type { Observed } from "./observe.ts";
import { removeContainers } from "./remove.ts";
import { doing, found, type Scene } from "./scene.ts";

/** What is to be done for a volume; "diverged": it was made with another configuration. Pure. */
export function volumeStep(
  project: string,
  volume: Volume,
  there: Pick<VolumeInspect, "Labels"> | undefined,
): "keep" | "create" | "diverged" | "foreign" | "missing" {
  if (!there) return volume.external ? "missing" : "create";
  if (volume.external) return "keep";
  const labels = there.Labels ?? {};
  if (labels[label.project] !== project) return "foreign";
  return labels[label.hash] === undefined || labels[label.hash] === volumeHash(volume) ? "keep" : "diverged";
}

/** The project's volumes with what is there under their names. */
export async function lookAtVolumes({
  engine,
  project,
}: Pick<Scene, "engine" | "project">): Promise<
  { key: string; volume: Volume; there: VolumeInspect | undefined; step: ReturnType<typeof volumeStep> }[]
> {
  return Promise.all(
    Object.entries(project.model.volumes ?? {}).map(async ([key, volume]) => {
      const there = await found(engine.volumes.inspect(volume.name));
      return { key, volume, there, step: volumeStep(project.model.name, volume, there) };
    }),
  );
}

/** @param renewed names of those that may be made anew, with all that is in them lost, where they have diverged */
export async function ensureVolumes(scene: Scene, observed: Observed, renewed: readonly string[] = []): Promise<void> {
  for (const { key, volume, there, step } of await lookAtVolumes(scene)) {
    if (step === "missing") throw missing("volume", volume.name, `berth volume create ${volume.name}`);
    if (step === "create") await createVolume(scene, key, volume);
    if (step === "foreign") tellForeignVolume(scene, volume, there!);
    if (step !== "diverged") continue;
    if (renewed.includes(volume.name)) await recreateVolume(scene, observed, key, volume);
    else tellDiverged(scene, volume);
  }
}

async function createVolume(scene: Scene, key: string, volume: Volume): Promise<void> {
  const { engine, project } = scene;
  await doing(scene, "Volume", volume.name, ["Creating", "Created"], () =>
    engine.volumes.create(volumeOf(project.model.name, key, volume)),
  );
}

function tellForeignVolume({ project, report }: Scene, { name }: Volume, there: VolumeInspect): void {
  const owner = there.Labels?.[label.project];
  const whose =
    owner === undefined ? "was not created by Docker Compose" : `was created for project "${owner}" (expected "${project.model.name}")`;
  report({ type: "warning", text: `volume "${name}" already exists but ${whose}. Use \`external: true\` to use an existing volume` });
}

function tellDiverged({ report }: Scene, { name }: Volume): void {
  report({
    type: "warning",
    text: `volume "${name}" was made with another configuration, and stays as it is: 'up --yes' makes it anew, and its data is lost`,
  });
}

/**
 * The containers of the services that mount it go before; converge.ts makes them again.
 * @throws EngineError `in-use` before anything is done, where others have it
 */
async function recreateVolume(scene: Scene, observed: Observed, key: string, volume: Volume): Promise<void> {
  const { engine, project } = scene;
  const { services } = project.model;
  const mounts = (service: string) => services[service]?.volumes?.some(({ source }) => source === key) ?? false;
  const users = observed.containers.filter(({ oneOff, service }) => !oneOff && mounts(service));
  const all = await engine.containers.list({ all: true, filters: { volume: [volume.name] } });
  const others = all.filter(({ Id }) => !users.some(({ id }) => id === Id)).map(({ Names }) => Names[0]!.slice(1));
  if (others.length > 0)
    throw new EngineError("in-use", `cannot make volume "${volume.name}" anew: it is in use by ${others.join(", ")}`, {
      hint: `remove ${others.length === 1 ? "that container" : "those containers"} first`,
    });
  await removeContainers(scene, users);
  observed.containers = observed.containers.filter((each) => !users.includes(each));
  await doing(scene, "Volume", volume.name, ["Removing", "Removed"], () => engine.volumes.remove(volume.name, { force: true }));
  await createVolume(scene, key, volume);
}

function volumeOf(project: string, key: string, volume: Volume): Parameters<Engine["volumes"]["create"]>[0] {
  return {
    Name: volume.name,
    Driver: volume.driver,
    Labels: { ...volume.labels, ...objectLabels(project, "volume", key), [label.hash]: volumeHash(volume) },
    ...(volume.driver_opts && { DriverOpts: volume.driver_opts }),
  };
}
