/** Whether `up` has nothing to do: told by a look, before anybody's turn is waited for and anything is made ready for a change. */
import { containerName, imageName } from "../labels.ts";
import type { Project } from "../project.ts";
import { Cast, desiredOf } from "./converge.ts";
import { lookAtImages } from "./images.ts";
import { lookAtNetworks, networkStep } from "./objects.ts";
import { type Observed, observe, orphansOf, type Seen } from "./observe.ts";
import { planService } from "./plan.ts";
import { isTurnFree, type Scene } from "./scene.ts";
import type { UpWishes } from "./up.ts";
import { lookAtVolumes } from "./volumes.ts";

/**
 * The containers of a project that is all there, runs, and has to wait for nothing; undefined where there is something to do, to say or to
 * refuse. True of the moment of the look: whoever changes a project has its turn meanwhile.
 */
export async function lookSettled(scene: Scene, wishes: UpWishes): Promise<Cast | undefined> {
  const { engine, project } = scene;
  const { services } = project.model;
  const names = Object.keys(services);
  if (names.some((name) => services[name]!.provider) || Object.keys(wishes.scale).some((name) => !services[name])) return undefined;
  if (!(await isTurnFree(scene))) return undefined;
  const observed = await observe(engine, project.model.name);
  if (observed.containers.length === 0 || orphansOf(project, observed).length > 0) return undefined;
  const { present, steps } = await lookAtImages(scene, names, wishes);
  if ([...steps.values()].some((step) => step !== "keep") || !(await hasObjects(scene, observed))) return undefined;
  const cast = new Cast(observed.containers);
  const isSettled = (name: string) => {
    const image = present.get(imageName(project, name, services[name]!));
    return image !== undefined && hasContainers(project, name, image, cast, wishes) && isAwaited(project, name, cast);
  };
  return names.every(isSettled) ? cast : undefined;
}

async function hasObjects(scene: Scene, observed: Observed): Promise<boolean> {
  const { name } = scene.project.model;
  const networks = await lookAtNetworks(scene, observed);
  if (networks.some(({ network, there }) => networkStep(name, network, there) !== "keep")) return false;
  return (await lookAtVolumes(scene)).every(({ step }) => step === "keep");
}

function hasContainers(project: Project, name: string, image: { Id: string }, cast: Cast, wishes: UpWishes): boolean {
  const seen = cast.of(name);
  const desired = desiredOf(project, name, image, wishes, new Set());
  const plan = planService(desired, seen, (number) => containerName(project, name, number, project.model.services[name]!));
  return plan.keep.length === desired.scale && plan.keep.length === seen.length && seen.every(({ state }) => state === "running");
}

/** What a service waits for is there: started is what all are, ended is none. */
function isAwaited({ model: { services } }: Project, name: string, cast: Cast): boolean {
  const holds = ({ status }: Seen) => status.endsWith("(healthy)");
  return Object.entries(services[name]!.depends_on ?? {}).every(
    ([other, { condition }]) => condition === "service_started" || (condition === "service_healthy" && cast.of(other).every(holds)),
  );
}
