/** `up`, `create` and `start`: what a project says is made true. */
import { EngineError } from "../../errors.ts";
import { isWished } from "../../truth.ts";
import { noSuchService } from "../model/selection.ts";
import { Cast, type ConvergeWishes, converge } from "./converge.ts";
import { awaitCondition, awaitDependencies } from "./dependencies.ts";
import { inOrder } from "./graph.ts";
import { runHooks } from "./hooks.ts";
import { ensureImages, type ImageWishes } from "./images.ts";
import { ensureNetworks } from "./objects.ts";
import { isUp, type Observed, observe, orphansOf, type Seen } from "./observe.ts";
import { removeContainers, stopContainer } from "./remove.ts";
import { withFollowers } from "./restart.ts";
import { doing, type Scene } from "./scene.ts";
import { ensureVolumes } from "./volumes.ts";

export interface UpWishes extends ConvergeWishes, ImageWishes {
  removeOrphans: boolean;
  /** Names of volumes that may be made anew where their configuration has changed: what is in them is lost. */
  renewed?: readonly string[];
}

/** Makes all that is missing or changed, and starts nothing. */
export async function prepare(scene: Scene, wishes: UpWishes): Promise<Cast> {
  const { engine, project } = scene;
  const names = Object.keys(project.model.services);
  const unknown = Object.keys(wishes.scale).find((name) => !project.model.services[name]);
  if (unknown !== undefined) throw noSuchService(unknown, project);
  const [observed, images] = await Promise.all([observe(engine, project.model.name), ensureImages(scene, names, wishes)]);
  await tellOrphans(scene, observed, wishes);
  await ensureNetworks(scene, observed);
  await ensureVolumes(scene, observed, wishes.renewed);
  const cast = new Cast(observed.containers);
  await stopFollowers(scene, cast, await converge(scene, cast, images, names, wishes), wishes.timeout);
  return cast;
}

/** Those that say `restart: true` of a service that has changed start again after it. */
async function stopFollowers(scene: Scene, cast: Cast, changed: ReadonlySet<string>, timeout?: number): Promise<void> {
  const followers = withFollowers(scene, [...changed]).filter((name) => !changed.has(name));
  for (const name of followers) {
    await Promise.all(cast.of(name).map((seen) => stopContainer(scene, seen, timeout)));
    cast.set(
      name,
      cast.of(name).map((seen) => (isUp(seen) ? { ...seen, state: "exited" } : seen)),
    );
  }
}

export async function tellOrphans(scene: Scene, observed: Observed, { removeOrphans, timeout }: UpWishes): Promise<void> {
  const orphans = orphansOf(scene.project, observed);
  if (orphans.length === 0) return;
  if (removeOrphans) {
    await removeContainers(scene, orphans, { ...(timeout !== undefined && { timeout }) });
    observed.containers = observed.containers.filter((each) => !orphans.includes(each));
    return;
  }
  if (isWished(scene.project.environment["COMPOSE_IGNORE_ORPHANS"])) return;
  const list = orphans.map(({ name }) => name).join(", ");
  scene.report({
    type: "warning",
    text: `Found orphan containers ([${list}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.`,
  });
}

export interface StartWishes {
  /** Until all run, or are healthy. */
  wait: boolean;
  /** Milliseconds. */
  waitTimeout?: number;
  /** As there are, and nobody makes any: what is waited for has to be there, and of what runs nothing is said. */
  asThereAre?: boolean;
  /** Called before a container is started: nothing that it writes is missed. */
  beforeStart?(seen: Seen): Promise<void>;
}

/** Starts a project's containers in the order of what they depend on. */
export async function startAll(
  scene: Scene,
  cast: Cast,
  names: readonly string[],
  { asThereAre = false, wait, waitTimeout, beforeStart }: StartWishes,
): Promise<void> {
  await inOrder(
    scene.project,
    names,
    async (name) => {
      if (!scene.dryRun) await awaitDependencies(scene, name, (other) => cast.of(other), { mustBeThere: asThereAre });
      const chosen = cast.of(name).filter((seen) => !asThereAre || !runs(seen));
      await Promise.all(chosen.map((seen) => startOne(scene, name, seen, beforeStart)));
    },
    { atOnce: scene.atOnce },
  );
  if (wait && !scene.dryRun)
    await awaitAll(
      scene,
      names.flatMap((name) => cast.of(name)),
      waitTimeout,
    );
}

const runs = ({ state }: Seen) => state === "running" || state === "restarting";

async function startOne(scene: Scene, service: string, seen: Seen, beforeStart?: (seen: Seen) => Promise<void>): Promise<void> {
  const { engine, project, report } = scene;
  await beforeStart?.(seen);
  if (runs(seen)) {
    report({ type: "resource", kind: "Container", name: seen.name, status: "Running", state: "done" });
    return;
  }
  await doing(scene, "Container", seen.name, ["Starting", "Started"], () =>
    (seen.state === "paused" ? engine.containers.unpause(seen.id) : engine.containers.start(seen.id)).then(() => {}),
  );
  await runHooks(scene, seen, project.model.services[service]?.post_start);
}

async function awaitAll(scene: Scene, all: readonly Seen[], waitTimeout?: number): Promise<void> {
  const signal = waitTimeout === undefined ? scene.signal : AbortSignal.any([scene.signal, AbortSignal.timeout(waitTimeout)]);
  try {
    await Promise.all(all.map((seen) => awaitCondition({ ...scene, signal }, seen, "running_or_healthy")));
  } catch (error) {
    if (scene.signal.aborted || !signal.aborted) throw error;
    throw new EngineError("timeout", "application not healthy after --wait-timeout", {
      cause: error,
      hint: "allow more time, or see 'berth compose ps' for what is not healthy",
    });
  }
}
