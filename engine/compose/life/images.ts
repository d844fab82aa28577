/** The images of a project: looked up, pulled or built as each service's policy says, as many at once as may be. */
import { parseLongDuration } from "../../duration.ts";
import { EngineError } from "../../errors.ts";
import type { ImageInspect } from "../../image/index.ts";
import { imageName } from "../labels.ts";
import type { Project } from "../project.ts";
import type { Service } from "../service.ts";
import { buildImages } from "./build-images.ts";
import { doing, found, type Scene, through } from "./scene.ts";

export interface ImageWishes {
  /** `--build`, `--no-build`, and what `watch` builds: services with a `develop` section. */
  build?: "always" | "never" | "develop";
  /** `--pull`; default: each service's `pull_policy`. */
  pull?: string;
  /** `--quiet-pull`, `--quiet-build`. */
  quietPull?: boolean;
  quietBuild?: boolean;
}

/** What is to be done for an image; "missing": it is not there, and must neither be pulled nor built. */
export type ImageStep = "keep" | "pull" | "build" | "missing";

/** What is to be done for a service's image. Pure. */
export function imageStep(service: Service, isThere: boolean, { build, pull }: ImageWishes, age?: number): ImageStep {
  const policy = pull && !(service.build && service.image === undefined) ? pull : (service.pull_policy ?? "missing");
  if (service.build) {
    if (build === "always" || (build === "develop" && service.develop) || (policy === "build" && build !== "never")) return "build";
    if (isThere && policy !== "always") return "keep";
    if (build === "never") return policy === "never" ? "missing" : "pull";
    if (!isThere) return "build";
    return service.image === undefined ? "keep" : "pull";
  }
  if (policy === "always" || policy === "refresh") return "pull";
  if (policy === "never") return isThere ? "keep" : "missing";
  if (!isThere) return "pull";
  return age !== undefined && age > maximumAge(policy) ? "pull" : "keep";
}

const day = 86_400_000;

/** Milliseconds after which a policy wants an image anew. */
function maximumAge(policy: string): number {
  if (policy === "daily") return day;
  if (policy === "weekly") return 7 * day;
  if (policy.startsWith("every_")) return Number((parseLongDuration(policy.slice("every_".length)) ?? 0n) / 1_000_000n);
  return Number.POSITIVE_INFINITY;
}

export type ProjectImages = ReadonlyMap<string, ImageInspect>;

/** The images of services as they are now, by their references, and what is to be done for each service's. */
export interface ImageLook {
  present: Map<string, ImageInspect | undefined>;
  steps: Map<string, ImageStep>;
}

export async function lookAtImages(
  { engine, project }: Pick<Scene, "engine" | "project">,
  names: readonly string[],
  wishes: ImageWishes,
): Promise<ImageLook> {
  const { services } = project.model;
  const reference = (name: string) => imageName(project, name, services[name]!);
  const present: ImageLook["present"] = new Map();
  const withImages = names.filter((name) => !services[name]!.provider);
  await Promise.all(
    [...new Set(withImages.map(reference))].map(async (image) => void present.set(image, await found(engine.images.inspect(image)))),
  );
  const made = builtHere(project);
  const stepOf = (name: string) => {
    const image = present.get(reference(name));
    // What another service builds is there once that is done.
    if (!services[name]!.build && made.has(reference(name))) return "keep";
    return imageStep(services[name]!, image !== undefined, wishes, age(image));
  };
  return { present, steps: new Map(withImages.map((name) => [name, stepOf(name)])) };
}

/**
 * Sees to it that each service has its image.
 * @returns by service
 * @throws EngineError `not-found` for one that must not be pulled or built
 */
export async function ensureImages(scene: Scene, names: readonly string[], wishes: ImageWishes): Promise<ProjectImages> {
  const { services } = scene.project.model;
  const reference = (name: string) => imageName(scene.project, name, services[name]!);
  const { present, steps } = await lookAtImages(scene, names, wishes);
  const withImages = [...steps.keys()];
  const made = builtHere(scene.project);
  const look = async (image: string) => void present.set(image, await found(scene.engine.images.inspect(image)));
  const lost = withImages.find((name) => steps.get(name) === "missing");
  if (lost !== undefined) throw noImage(lost, reference(lost), "its pull policy forbids to fetch it: pull or build it first");
  await pullImages(
    scene,
    withImages.filter((name) => steps.get(name) === "pull"),
    wishes,
  );
  await buildImages(
    scene,
    withImages.filter((name) => steps.get(name) === "build"),
    { forThisHost: true },
    wishes.quietBuild,
  );
  const changed = withImages.filter((name) => steps.get(name) !== "keep" || present.get(reference(name)) === undefined);
  await Promise.all([...new Set([...changed.map(reference), ...made])].map(look));
  const unmade = scene.dryRun ? undefined : withImages.find((name) => !present.get(reference(name)));
  if (unmade !== undefined) throw noImage(unmade, reference(unmade), "another service builds it: 'berth compose build'");
  return new Map(withImages.flatMap((name) => (present.get(reference(name)) ? [[name, present.get(reference(name))!]] : [])));
}

function noImage(service: string, image: string, hint: string): EngineError {
  return new EngineError("not-found", `service "${service}": no such image: ${image}`, { hint });
}

/** The images that services of a project build. */
function builtHere(project: Project): Set<string> {
  const all = Object.entries(project.model.services);
  return new Set(all.flatMap(([name, service]) => (service.build ? [imageName(project, name, service)] : [])));
}

/** Milliseconds since it was made or fetched. */
function age(image: ImageInspect | undefined): number | undefined {
  return image && Date.now() - Date.parse(image.Metadata.LastTagTime);
}

export interface PullWishes {
  quietPull?: boolean;
  /** A failed pull is a warning. */
  ignoreFailures?: boolean;
}

/** Each image once, whoever uses it. */
export async function pullImages(
  scene: Scene,
  names: readonly string[],
  { quietPull = false, ignoreFailures = false }: PullWishes = {},
): Promise<void> {
  const { engine, project, report, signal, noVerify = false } = scene;
  const byImage = new Map(names.map((name) => [imageName(project, name, project.model.services[name]!), name]));
  await Promise.all(
    [...byImage].map(([image, name]) =>
      doing(scene, "Image", image, ["Pulling", "Pulled"], async () => {
        const { platform } = project.model.services[name]!;
        const pull = engine.images.pull(image, { ...(platform && { platform }), noVerify, signal });
        await through(pull, (event) => quietPull || report(event.type === "transfer" ? { ...event, of: image } : event));
      }).catch((error: unknown) => {
        if (!ignoreFailures) throw error;
      }),
    ),
  );
}

/** Services whose image `pull` fetches. */
export async function pullable(
  { engine, project }: Scene,
  { ignoreBuildable, onlyMissing }: { ignoreBuildable: boolean; onlyMissing: boolean },
): Promise<string[]> {
  const { services } = project.model;
  const made = builtHere(project);
  const fetched = Object.keys(services).filter((name) => {
    const { build, image, provider } = services[name]!;
    const isMade = build ? ignoreBuildable : made.has(image ?? "");
    return !provider && image !== undefined && !isMade;
  });
  if (!onlyMissing) return fetched;
  const present = await Promise.all(fetched.map((name) => found(engine.images.inspect(imageName(project, name, services[name]!)))));
  return fetched.filter((_, index) => !present[index]);
}

/** Each image once, with its further tags. */
export async function pushImages(
  scene: Scene,
  names: readonly string[],
  { quiet = false, ignoreFailures = false }: { quiet?: boolean; ignoreFailures?: boolean } = {},
): Promise<void> {
  const { engine, project, report, signal } = scene;
  const { services } = project.model;
  const images = new Set(names.flatMap((name) => [imageName(project, name, services[name]!), ...(services[name]!.build?.tags ?? [])]));
  await Promise.all(
    [...images].map((image) =>
      doing(scene, "Image", image, ["Pushing", "Pushed"], () =>
        through(engine.images.push(image, { signal }), (event) => quiet || report(event)),
      ).catch((error: unknown) => {
        if (!ignoreFailures) throw error;
      }),
    ),
  );
}
