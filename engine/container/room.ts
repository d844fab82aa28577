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

type Verb<A extends unknown[], R> = (house: House, ...args: A) => Promise<R>;

export function createContainers(house: House): Containers {
  /** A verb on containers that exist: the records are made true, then its file is loaded. */
  const verb =
    <A extends unknown[], R>(load: () => Promise<Verb<A, R>>) =>
    async (...args: A): Promise<R> => {
      await fresh(house);
      return (await load())(house, ...args);
    };
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
    start: verb(async () => (await import("./start.ts")).startVerb),
    stop: verb(async () => (await import("./stop.ts")).stopVerb),
    restart: verb(async () => (await import("./stop.ts")).restartVerb),
    kill: verb(async () => (await import("./stop.ts")).killVerb),
    pause: verb(async () => (await import("./pause.ts")).pauseVerb),
    unpause: verb(async () => (await import("./pause.ts")).unpauseVerb),
    remove: verb(async () => (await import("./remove.ts")).removeVerb),
    rename: verb(async () => (await import("./rename.ts")).renameVerb),
    connect: verb(async () => (await import("./connect.ts")).connectVerb),
    disconnect: verb(async () => (await import("./connect.ts")).disconnectVerb),
    update: verb(async () => (await import("./update.ts")).updateVerb),
    wait: verb(async () => (await import("./wait.ts")).waitVerb),
    list: verb(async () => (await import("./list.ts")).listContainers),
    inspect: verb(async () => (await import("./inspect.ts")).inspectContainer),
    async *logs(ref, options) {
      await fresh(house);
      yield* (await import("./logs.ts")).readLogs(house, ref, options);
    },
    attach: verb(async () => (await import("./attach.ts")).attachVerb),
    exec: verb(async () => (await import("./exec.ts")).execVerb),
    top: verb(async () => (await import("./top.ts")).topVerb),
    async *stats(refs, options) {
      await fresh(house);
      yield* (await import("./stats.ts")).sampleStats(house, refs, options);
    },
    changes: verb(async () => (await import("./changes.ts")).listChanges),
    export: verb(async () => (await import("./export.ts")).exportContainer),
    commit: verb(async () => (await import("./commit.ts")).commitContainer),
    statPath: verb(async () => (await import("./copy.ts")).statPath),
    copyFrom: verb(async () => (await import("./copy.ts")).copyFrom),
    copyTo: verb(async () => (await import("./copy.ts")).copyTo),
    prune: verb(async () => (await import("./prune.ts")).pruneContainers),
  };
}
