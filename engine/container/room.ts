/**
 * The containers room: a thin front; each verb is loaded when it is first used. Before the first of them, once per
 * process, what dead processes left is put in order; questions look again each time, as containers end unasked.
 */
import type { House } from "../house.ts";
import type { Containers } from "./index.ts";

const reconciled = new WeakMap<House, Promise<void>>();

/** Puts the house in order once per process. */
export function ready(house: House): Promise<void> {
  let done = reconciled.get(house);
  if (!done) {
    done = import("../reconcile.ts").then(({ reconcile }) => reconcile(house));
    reconciled.set(house, done);
    done.catch(() => reconciled.delete(house)); // the next verb tries again, and tells
  }
  return done;
}

/** `ready`, and a look at the running containers if that was done earlier. */
async function fresh(house: House): Promise<void> {
  const first = !reconciled.has(house);
  await ready(house);
  if (!first) await (await import("./reconcile.ts")).reconcileContainers(house);
}

export function createContainers(house: House): Containers {
  return {
    async *create(spec, signal) {
      await ready(house);
      const { Id, Warnings } = yield* (await import("./create.ts")).createContainer(house, spec, signal);
      return { Id, Warnings };
    },
    async *run(spec, streams, options) {
      await ready(house);
      return yield* (await import("./run.ts")).runContainer(house, spec, streams, options);
    },
    start: async (ref, streams, options) => (await fresh(house), (await import("./start.ts")).startVerb(house, ref, streams, options)),
    stop: async (ref, options) => (await fresh(house), (await import("./stop.ts")).stopVerb(house, ref, options)),
    restart: async (ref, options) => (await fresh(house), (await import("./stop.ts")).restartVerb(house, ref, options)),
    kill: async (ref, signal) => (await fresh(house), (await import("./stop.ts")).killVerb(house, ref, signal)),
    pause: async (ref) => (await fresh(house), (await import("./pause.ts")).pauseVerb(house, ref)),
    unpause: async (ref) => (await fresh(house), (await import("./pause.ts")).unpauseVerb(house, ref)),
    remove: async (ref, options) => (await fresh(house), (await import("./remove.ts")).removeVerb(house, ref, options)),
    rename: async (ref, name) => (await fresh(house), (await import("./rename.ts")).renameVerb(house, ref, name)),
    update: async (ref, config) => (await fresh(house), (await import("./update.ts")).updateVerb(house, ref, config)),
    wait: async (ref, condition, signal) => (await fresh(house), (await import("./wait.ts")).waitVerb(house, ref, condition, signal)),
    list: async (options) => (await fresh(house), (await import("./list.ts")).listContainers(house, options)),
    inspect: async (ref, options) => (await fresh(house), (await import("./inspect.ts")).inspectContainer(house, ref, options)),
    async *logs(ref, options) {
      await fresh(house);
      yield* (await import("./logs.ts")).readLogs(house, ref, options);
    },
    attach: async (ref, streams, options) => (await fresh(house), (await import("./attach.ts")).attachVerb(house, ref, streams, options)),
    exec: async (ref, config, streams, signal) => (await fresh(house), (await import("./exec.ts")).execVerb(house, ref, config, streams, signal)),
    top: async (ref, psArgs) => (await fresh(house), (await import("./top.ts")).topVerb(house, ref, psArgs)),
    async *stats(refs, options) {
      await fresh(house);
      yield* (await import("./stats.ts")).sampleStats(house, refs, options);
    },
    changes: async (ref) => (await fresh(house), (await import("./changes.ts")).listChanges(house, ref)),
    export: async (ref) => (await fresh(house), (await import("./export.ts")).exportContainer(house, ref)),
    commit: async (ref, options) => (await fresh(house), (await import("./commit.ts")).commitContainer(house, ref, options)),
    copyFrom: async (ref, path, options) => (await fresh(house), (await import("./copy.ts")).copyFrom(house, ref, path, options)),
    copyTo: async (ref, path, tar, options) => (await fresh(house), (await import("./copy.ts")).copyTo(house, ref, path, tar, options)),
    prune: async (filters) => (await fresh(house), (await import("./prune.ts")).pruneContainers(house, filters)),
  };
}
