/** The containers of a project made what the project says: made, made anew, taken away; not yet started. */
import type { ContainerCreate } from "../../container/index.ts";
import type { ImageInspect } from "../../image/index.ts";
import { type ContainerNeeds, containerOf } from "../create/container.ts";
import { type Neighbour, networkKeys } from "../create/networks.ts";
import { containerName, imageName } from "../labels.ts";
import { serviceHash } from "../print/hash.ts";
import type { Project } from "../project.ts";
import type { Service } from "../service.ts";
import { securityOptions, writeFiles } from "./files.ts";
import { inOrder, needsOf } from "./graph.ts";
import { runHooks } from "./hooks.ts";
import type { ProjectImages } from "./images.ts";
import { isUp, type Seen, seenOf } from "./observe.ts";
import { type Desired, planService, type Recreation } from "./plan.ts";
import { runProvider } from "./provider.ts";
import { removeContainers } from "./remove.ts";
import { doing, type Scene, through } from "./scene.ts";

export interface ConvergeWishes {
  /** Of the services that were named (all, where none is), and of what they depend on. */
  recreation: Recreation;
  dependenciesRecreation: Recreation;
  named: readonly string[];
  /** `--scale`. */
  scale: Readonly<Record<string, number>>;
  /** Anonymous volumes are made anew, too. */
  renewVolumes: boolean;
  /** Seconds. */
  timeout?: number;
}

/** The containers of a project while it changes. */
export class Cast {
  readonly #byService = new Map<string, Seen[]>();

  constructor(seen: readonly Seen[]) {
    for (const each of seen.filter(({ oneOff }) => !oneOff)) this.set(each.service, [...this.of(each.service), each]);
  }

  of(service: string): Seen[] {
    return this.#byService.get(service) ?? [];
  }

  set(service: string, seen: readonly Seen[]): void {
    this.#byService.set(
      service,
      [...seen].sort((a, b) => a.number - b.number),
    );
  }
}

/** @returns the services some of whose containers were made anew: what follows them is to start again */
export async function converge(
  scene: Scene,
  cast: Cast,
  images: ProjectImages,
  names: readonly string[],
  wishes: ConvergeWishes,
): Promise<Set<string>> {
  const changed = new Set<string>();
  const renewed = new Set<string>();
  await inOrder(
    scene.project,
    names,
    async (name) => {
      if (scene.project.model.services[name]!.provider) return runProvider(scene, name, "up");
      const made = await new Convergence(scene, cast, images, name, wishes, changed).run();
      if (made !== "none") changed.add(name);
      if (made === "anew") renewed.add(name);
    },
    { atOnce: scene.atOnce },
  );
  return renewed;
}

/** How many containers a service has. */
export function scaleOf({ scale, deploy }: Service): number {
  return scale ?? deploy?.replicas ?? 1;
}

/** What the containers of a service have to be. Pure. @param changed services that the same `up` changes */
export function desiredOf(
  { model }: Pick<Project, "model">,
  name: string,
  image: Pick<ImageInspect, "Id"> | undefined,
  { named, scale, recreation, dependenciesRecreation }: ConvergeWishes,
  changed: ReadonlySet<string>,
): Desired {
  const service = model.services[name]!;
  const sharing = [service.network_mode, service.ipc, service.pid].flatMap((mode) => (mode?.startsWith("service:") ? [mode.slice(8)] : []));
  return {
    scale: scale[name] ?? scaleOf(service),
    hash: serviceHash(service),
    image: image?.Id ?? "",
    volumes: (service.volumes ?? []).flatMap(({ source, type }) =>
      type === "volume" && source ? [model.volumes?.[source]?.name ?? source] : [],
    ),
    recreation: named.length === 0 || named.includes(name) ? recreation : dependenciesRecreation,
    follows: sharing.some((other) => changed.has(other)),
    ...(service.network_mode ? {} : { networks: networkKeys(service).map((key) => model.networks?.[key]?.name ?? key) }),
  };
}

/** What is asked of the engine for one of a service's containers. */
export async function specOf(
  project: Project,
  name: string,
  image: ImageInspect,
  needs: Pick<ContainerNeeds, "number" | "containersOf" | "replaces">,
): Promise<ContainerCreate> {
  const service = project.model.services[name]!;
  const security = await securityOptions(project, service);
  return containerOf(project, name, service, {
    hash: serviceHash(service),
    image: {
      reference: imageName(project, name, service),
      id: image.Id,
      command: image.Config.Cmd,
      volumes: Object.keys(image.Config.Volumes ?? {}),
    },
    ...needs,
    ...(security && { securityOptions: security }),
  });
}

/** One service. */
class Convergence {
  readonly #scene: Scene;
  readonly #cast: Cast;
  readonly #images: ProjectImages;
  readonly #name: string;
  readonly #service: Service;
  readonly #wishes: ConvergeWishes;
  readonly #changed: ReadonlySet<string>;

  constructor(scene: Scene, cast: Cast, images: ProjectImages, name: string, wishes: ConvergeWishes, changed: ReadonlySet<string>) {
    this.#scene = scene;
    this.#cast = cast;
    this.#images = images;
    this.#name = name;
    this.#service = scene.project.model.services[name]!;
    this.#wishes = wishes;
    this.#changed = changed;
  }

  /** @returns whether containers were made, or made anew */
  async run(): Promise<"none" | "more" | "anew"> {
    const desired = desiredOf(this.#scene.project, this.#name, this.#images.get(this.#name), this.#wishes, this.#changed);
    const { adopt, create, keep, recreate, remove } = planService(desired, this.#cast.of(this.#name), (number) => this.#nameOf(number));
    await removeContainers(this.#scene, remove, this.#wishes.timeout === undefined ? {} : { timeout: this.#wishes.timeout });
    const adopted = await Promise.all(adopt.map((seen) => this.#adopt(seen)));
    const kept = keep.map((seen) => adopted.find(({ id }) => id === seen.id) ?? seen);
    const anew = await Promise.all(recreate.map((seen) => this.#recreate(adopted.find(({ id }) => id === seen.id) ?? seen)));
    const made = await Promise.all(create.map((number) => this.#make(number)));
    this.#cast.set(
      this.#name,
      [...kept, ...anew, ...made].filter((seen) => seen !== undefined),
    );
    return anew.length > 0 ? "anew" : made.length > 0 ? "more" : "none";
  }

  #nameOf(number: number): string {
    return containerName(this.#scene.project, this.#name, number, this.#service);
  }

  #containersOf = (name: string): readonly Neighbour[] => this.#cast.of(name);

  async #adopt(seen: Seen): Promise<Seen> {
    const name = this.#nameOf(seen.number);
    if (!this.#scene.dryRun) await this.#scene.engine.containers.rename(seen.id, name);
    return { ...seen, name };
  }

  async #make(number: number): Promise<Seen | undefined> {
    const name = this.#nameOf(number);
    return doing(this.#scene, "Container", name, ["Creating", "Created"], async () => this.#create(number));
  }

  async #create(number: number, replaces?: Seen): Promise<Seen> {
    const { project, engine, report, signal, noVerify } = this.#scene;
    const service = this.#service;
    const spec = await specOf(project, this.#name, this.#images.get(this.#name)!, {
      number,
      containersOf: this.#containersOf,
      ...(replaces && { replaces: { id: replaces.id, mounts: this.#wishes.renewVolumes ? [] : replaces.mounts } }),
    });
    if (noVerify) spec.NoVerify = true;
    const { Id, Warnings } = await through(engine.containers.create(spec, signal), report);
    for (const text of Warnings) report({ type: "warning", text });
    try {
      await writeFiles(this.#scene, Id, service);
    } catch (error) {
      await engine.containers.remove(Id, { force: true, volumes: !replaces }).catch(() => {}); // the failure before it is what matters
      throw error;
    }
    return (await seenById(this.#scene, Id))!;
  }

  /** The new one is made first: the old one runs until it can be replaced, and its volumes are never without a container. */
  async #recreate(old: Seen): Promise<Seen | undefined> {
    const { engine } = this.#scene;
    return doing(this.#scene, "Container", old.name, ["Recreate", "Recreated"], async () => {
      const made = await this.#create(old.number, old);
      if (isUp(old)) {
        await runHooks(this.#scene, old, this.#service.pre_stop);
        await engine.containers.stop(old.id, this.#wishes.timeout === undefined ? {} : { timeout: this.#wishes.timeout });
      }
      await engine.containers.remove(old.id, { force: true, volumes: this.#wishes.renewVolumes });
      const name = this.#nameOf(old.number);
      await engine.containers.rename(made.id, name);
      return { ...made, name };
    });
  }
}

async function seenById({ engine }: Scene, id: string): Promise<Seen | undefined> {
  const [summary] = await engine.containers.list({ all: true, filters: { id: [id] } });
  return summary && seenOf(summary);
}

/** Services that have to be there for those that are named: with all that they need, in the project's order. */
export function withNeeds(services: Readonly<Record<string, Service>>, names: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    const service = services[name];
    if (!service || found.has(name)) return;
    found.add(name);
    needsOf(service).forEach(visit);
  };
  names.forEach(visit);
  return Object.keys(services).filter((name) => found.has(name));
}
