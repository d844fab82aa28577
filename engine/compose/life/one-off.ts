/** `run`: a container of a service beside those of `up`, for one command. */
import type { AttachOptions, SessionEnd, Streams } from "../../container/index.ts";
import type { HostConfig } from "../../docker.ts";
import { randomHex } from "../../sys/random.ts";
import { containerOf } from "../create/container.ts";
import { imageName, namedAfter } from "../labels.ts";
import { serviceHash } from "../print/hash.ts";
import type { Service } from "../service.ts";
import { Cast } from "./converge.ts";
import { awaitDependencies } from "./dependencies.ts";
import { securityOptions, writeFiles } from "./files.ts";
import { ensureImages } from "./images.ts";
import { ensureNetworks } from "./objects.ts";
import { observe } from "./observe.ts";
import { type Scene, through } from "./scene.ts";
import { prepare, startAll, tellOrphans, type UpWishes } from "./up.ts";
import { ensureVolumes } from "./volumes.ts";

export interface OneOff {
  service: string;
  /** The service as the line wants it: its command, environment, user, … */
  altered: Service;
  name?: string;
  /** Gone when it ends. */
  remove: boolean;
  /** Under the service's names on its networks. */
  withAliases: boolean;
  /** Mounts and ports of the line's own: "SOURCE:TARGET[:OPTIONS]", paths of volumes without a name. They stand in for the file's. */
  binds: string[];
  volumes: Record<string, object>;
  ports: NonNullable<HostConfig["PortBindings"]>;
  exposed: Record<string, object>;
  /** Somebody gives it an input, and takes it away: else one that is open stays open. */
  attached: boolean;
  /** Without the services that it depends on. */
  alone: boolean;
  wishes: UpWishes;
}

/** Makes the container with all that it needs, and starts nothing of it. @returns its id; the name that it would have, in a dry run */
export async function makeOneOff(scene: Scene, oneOff: OneOff): Promise<string> {
  const { engine, project, report, signal } = scene;
  const { altered, service, wishes } = oneOff;
  const needed = Object.keys(project.model.services).filter((name) => name !== service);
  const rest = {
    ...scene,
    project: {
      ...project,
      model: { ...project.model, services: without(project.model.services, service) },
      disabled: { ...project.disabled, [service]: altered },
    },
  };
  const cast = oneOff.alone || needed.length === 0 ? await observedCast(scene, wishes) : await prepare(rest, { ...wishes, named: needed });
  if (!oneOff.alone && needed.length > 0) await startAll(rest, cast, needed, { wait: false });
  const own = {
    ...scene,
    project: { ...project, model: { ...project.model, services: { ...project.model.services, [service]: altered } } },
  };
  const images = await ensureImages(own, [service], wishes);
  const slug = randomHex(32);
  const name = oneOff.name ?? namedAfter(project, service, "run", slug.slice(0, 12));
  if (scene.dryRun) return name;
  const image = images.get(service)!;
  await awaitDependencies(own, service, (other) => cast.of(other));
  const security = await securityOptions(project, altered);
  const spec = containerOf(project, service, withoutReplaced(altered, oneOff), {
    hash: serviceHash(altered),
    image: {
      reference: imageName(project, service, altered),
      id: image.Id,
      command: image.Config.Cmd ?? null,
      volumes: Object.keys(image.Config.Volumes ?? {}),
    },
    number: 1,
    containersOf: (other) => cast.of(other),
    ...(security && { securityOptions: security }),
    oneOff: { name, slug, withAliases: oneOff.withAliases, autoRemove: oneOff.remove },
  });
  spec.HostConfig = {
    ...spec.HostConfig,
    Binds: [...(spec.HostConfig?.Binds ?? []), ...oneOff.binds],
    PortBindings: { ...spec.HostConfig?.PortBindings, ...oneOff.ports },
  };
  // The command reads to the end of what this side has, and no further.
  if (own.noVerify) spec.NoVerify = true;
  spec.Volumes = { ...spec.Volumes, ...oneOff.volumes };
  spec.AttachStdin = oneOff.attached && altered.stdin_open === true;
  spec.StdinOnce = spec.AttachStdin;
  spec.ExposedPorts = { ...spec.ExposedPorts, ...oneOff.exposed };
  const { Id } = await through(engine.containers.create(spec, signal), report);
  try {
    await writeFiles(own, Id, altered);
  } catch (error) {
    await engine.containers.remove(Id, { force: true, volumes: true }).catch(() => {}); // the failure before it is what matters
    throw error;
  }
  return Id;
}

/** The service without the volumes in whose place the line has others. */
function withoutReplaced(service: Service, { binds, volumes }: Pick<OneOff, "binds" | "volumes">): Service {
  const targets = new Set([...binds.map((bind) => bind.split(":")[1]), ...Object.keys(volumes)]);
  return service.volumes ? { ...service, volumes: service.volumes.filter(({ target }) => !targets.has(target)) } : service;
}

/** Networks and volumes, and the containers as they are. */
async function observedCast(scene: Scene, wishes: UpWishes): Promise<Cast> {
  const observed = await observe(scene.engine, scene.project.model.name);
  await tellOrphans(scene, observed, wishes);
  await ensureNetworks(scene, observed);
  await ensureVolumes(scene, observed, wishes.renewed);
  return new Cast(observed.containers);
}

function without(services: Readonly<Record<string, Service>>, name: string): Record<string, Service> {
  return Object.fromEntries(Object.entries(services).filter(([key]) => key !== name));
}

/** Starts it and stays with it. */
export async function stayWith(
  { engine }: Pick<Scene, "engine">,
  id: string,
  streams: Streams,
  options: AttachOptions,
): Promise<SessionEnd> {
  return (await engine.containers.start(id, streams, options)) ?? { detached: true };
}
