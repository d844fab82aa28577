/**
 * An engine in memory for screen tests: the same interface and the same contract (test/contracts/engine/), its lists plain
 * arrays, its events also pushed by hand. It plays processes, and has no files; what containers really do is tested with the
 * local engine.
 */
import type { Engine } from "../../engine/index.ts";
import { guarded } from "./fake/absent.ts";
import { fakeContainers } from "./fake/containers.ts";
import { fakeExecs } from "./fake/execs.ts";
import { fakeFiles } from "./fake/files.ts";
import { fakeImages } from "./fake/images.ts";
import { fakeBuilder, fakeNetworks, fakeSystem, fakeVolumes } from "./fake/objects.ts";
import { World } from "./fake/world.ts";

export { container, image } from "./fake/docker-shapes.ts";
export { network } from "./fake/objects.ts";

export type FakeEngine = World & { readonly engine: Engine };

export function fakeEngine(): FakeEngine {
  const world = new World();
  return Object.assign(world, { engine: engineOver(world) });
}

function engineOver(world: World): Engine {
  return {
    containers: guarded(world, "containers", fakeContainers(world)),
    execs: guarded(world, "execs", fakeExecs(world)),
    images: guarded(world, "images", fakeImages(world)),
    builder: guarded(world, "builder", fakeBuilder(world)),
    networks: guarded(world, "networks", fakeNetworks(world)),
    volumes: guarded(world, "volumes", fakeVolumes(world)),
    files: guarded(world, "files", fakeFiles(world)),
    system: guarded(world, "system", fakeSystem(world)),
    capabilities: async () => ({ cannot: world.cannot }),
    events: (options) => world.events(options),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
