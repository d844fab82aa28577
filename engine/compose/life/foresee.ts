/** What `up` would do to a project, and why, before it does: read from what is there and planned by plan.ts; nothing is changed. */
import type { Engine } from "../../engine.ts";
import { EngineError } from "../../errors.ts";
import { containerName, imageName } from "../labels.ts";
import type { Project } from "../project.ts";
import { type ConvergeWishes, desiredOf, specOf } from "./converge.ts";
import { differences } from "./differences.ts";
import { inOrder } from "./graph.ts";
import { type ImageLook, type ImageStep, type ImageWishes, lookAtImages } from "./images.ts";
import { lookAtNetworks, networkStep } from "./objects.ts";
import { isUp, type Observed, observe, orphansOf, type Seen } from "./observe.ts";
import { planService, type ServicePlan } from "./plan.ts";
import { found } from "./scene.ts";
import { lookAtVolumes } from "./volumes.ts";

export interface ForeseenService {
  name: string;
  image: { reference: string; step: ImageStep };
  plan: ServicePlan;
  /** Kept, and started. */
  start: Seen[];
  /** Why containers are made anew, each said once: "environment +QUEUE=fast". */
  why: string[];
}

export interface Foresight {
  services: ForeseenService[];
  networks: { name: string; step: "create" | "recreate" }[];
  /** "diverged": `up` asks whether it may make it anew, with what is in it lost. */
  volumes: { name: string; step: "create" | "diverged" }[];
  /** Stay, and are spoken of. */
  orphans: Seen[];
  /** What `up` would fail with. */
  problems: string[];
}

const plain: ConvergeWishes & ImageWishes = {
  recreation: "diverged",
  dependenciesRecreation: "diverged",
  named: [],
  scale: {},
  renewVolumes: false,
};

type Place = { engine: Engine; project: Project };

/** @throws EngineError whatever the engine says when it is asked what is there */
export async function foresee(place: Place): Promise<Foresight> {
  const { engine, project } = place;
  const names = Object.keys(project.model.services);
  const [observed, images] = await Promise.all([observe(engine, project.model.name), lookAtImages(place, names, plain)]);
  const [looked, volumes] = await Promise.all([lookAtNetworks(place, observed), lookAtVolumes(place)]);
  const networks = looked.map(({ network, there }) => ({ name: network.name, step: networkStep(project.model.name, network, there) }));
  const renewed = networks.filter(({ step }) => step === "recreate").map(({ name }) => name);
  const services = await foreseeServices(place, without(observed, renewed), images);
  return {
    services,
    networks: networks.flatMap(({ name, step }) => (step === "create" || step === "recreate" ? [{ name, step }] : [])),
    volumes: volumes.flatMap(({ volume: { name }, step }) => (step === "create" || step === "diverged" ? [{ name, step }] : [])),
    orphans: orphansOf(project, observed),
    problems: [
      ...networks.filter(({ step }) => step === "missing").map(({ name }) => `network ${name} is external, and not there`),
      ...volumes.filter(({ step }) => step === "missing").map(({ volume: { name } }) => `volume ${name} is external, and not there`),
      ...services
        .filter(({ image }) => image.step === "missing")
        .map(({ name, image }) => `${name}: no image ${image.reference}, and its policy forbids to fetch it`),
    ],
  };
}

/** Containers leave a network that is made anew. */
function without({ containers }: Observed, networks: readonly string[]): Seen[] {
  return containers.map((each) => ({ ...each, networks: each.networks.filter((name) => !networks.includes(name)) }));
}

async function foreseeServices(place: Place, containers: readonly Seen[], images: ImageLook): Promise<ForeseenService[]> {
  const { services } = place.project.model;
  const foreseen = new Map<string, ForeseenService>();
  const changed = new Set<string>();
  const of = (service: string) => containers.filter((seen) => seen.service === service && !seen.oneOff);
  const names = Object.keys(services).filter((name) => !services[name]!.provider);
  await inOrder(place.project, names, async (name) => {
    const reference = imageName(place.project, name, services[name]!);
    const image = images.present.get(reference);
    const desired = desiredOf(place.project, name, image, plain, changed);
    const plan = planService(desired, of(name), (number) => containerName(place.project, name, number, services[name]!));
    if (plan.create.length + plan.recreate.length > 0) changed.add(name);
    const reasons = await Promise.all(plan.recreate.map((seen) => reasonsFor(place, seen, image, of)));
    const why = reasons.flat();
    if (desired.follows && plan.recreate.length > 0) why.push("shares a namespace with one that is made anew");
    foreseen.set(name, {
      name,
      image: { reference, step: images.steps.get(name) ?? "keep" },
      plan,
      start: plan.keep.filter((seen) => !isUp(seen)),
      why: [...new Set(why)],
    });
  });
  return names.map((name) => foreseen.get(name)!);
}

type Images = ImageLook["present"];

async function reasonsFor(
  { engine, project }: Place,
  seen: Seen,
  image: ReturnType<Images["get"]>,
  containersOf: (service: string) => Seen[],
): Promise<string[]> {
  const there = await found(engine.containers.inspect(seen.id));
  if (!image || !there) return [];
  const replaces = { id: seen.id, mounts: seen.mounts };
  const wanted = await specOf(project, seen.service, image, { number: seen.number, containersOf, replaces }).catch((error: unknown) => {
    if (error instanceof EngineError) return undefined; // what no container here can have: `up` says it
    throw error;
  });
  if (!wanted) return [];
  const lines = differences(wanted, image, there);
  const isNewer = seen.image !== image.Id && there.Config.Image === wanted.Image;
  return isNewer ? [`image ${wanted.Image} is another now (${shortId(seen.image)} → ${shortId(image.Id)})`, ...lines] : lines;
}

const shortId = (id: string) => id.replace(/^sha256:/, "").slice(0, 12);
