/**
 * The containers room: a thin front; each verb is loaded when it is first used. Before the first of them, once per
 * process, what dead processes left is put in order; questions look again each time, as containers end unasked.
 */
import type { Ground } from "../state/ground.ts";
import type { Containers, Execs } from "./index.ts";

type Verb<A extends unknown[], R> = (ground: Ground, ...args: A) => Promise<R>;

/** @param reconcile puts in order what dead processes left, in every room */
export function createContainers(ground: Ground, reconcile: () => Promise<void>): Containers {
  let reconciled: Promise<void> | undefined;
  /** Once per process. */
  const ready = (): Promise<void> => {
    reconciled ??= reconcile();
    reconciled.catch(() => (reconciled = undefined)); // the next verb tries again, and tells
    return reconciled;
  };
  /** `ready`, and a look at the running containers if that was done earlier. */
  const fresh = async (): Promise<void> => {
    const first = !reconciled;
    await ready();
    if (!first) await (await import("./reconcile.ts")).reconcileContainers(ground);
  };
  /** A verb on containers that exist: the records are made true, then its file is loaded. */
  const verb =
    <A extends unknown[], R>(load: () => Promise<Verb<A, R>>) =>
    async (...args: A): Promise<R> => {
      await fresh();
      return (await load())(ground, ...args);
    };
  return {
    async *create(spec, signal) {
      await ready();
      const { Id, Warnings } = yield* (await import("./create.ts")).createContainer(ground, spec, signal);
      return { Id, Warnings };
    },
    async *run(spec, streams, options) {
      await ready();
      return yield* (await import("./run.ts")).runContainer(ground, spec, streams, options);
    },
    start: verb(async () => (await import("./start-attached.ts")).startNamedContainer),
    stop: verb(async () => (await import("./stop.ts")).stopNamedContainer),
    restart: verb(async () => (await import("./stop.ts")).restartContainer),
    kill: verb(async () => (await import("./stop.ts")).killContainer),
    pause: verb(async () => (await import("./pause.ts")).pauseContainer),
    unpause: verb(async () => (await import("./pause.ts")).unpauseContainer),
    remove: verb(async () => (await import("./remove.ts")).removeNamedContainer),
    rename: verb(async () => (await import("./rename.ts")).renameContainer),
    connect: verb(async () => (await import("./connect.ts")).connectContainer),
    disconnect: verb(async () => (await import("./connect.ts")).disconnectContainer),
    update: verb(async () => (await import("./update.ts")).updateContainer),
    wait: verb(async () => (await import("./wait.ts")).waitForContainer),
    list: verb(async () => (await import("./list.ts")).listContainers),
    inspect: verb(async () => (await import("./inspect.ts")).inspectContainer),
    async *logs(ref, options) {
      await fresh();
      yield* (await import("./logs.ts")).readLogs(ground, ref, options);
    },
    attach: verb(async () => (await import("./attach.ts")).attachToContainer),
    exec: verb(async () => (await import("./exec.ts")).execInContainer),
    top: verb(async () => (await import("./top.ts")).listProcesses),
    async *stats(refs, options) {
      await fresh();
      yield* (await import("./stats.ts")).sampleStats(ground, refs, options);
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

/** Its verbs, too, look at the running containers first. */
export function createExecs(ground: Ground): Execs {
  const load = async () => {
    await (await import("./reconcile.ts")).reconcileContainers(ground);
    return import("./exec-by-id.ts");
  };
  return {
    create: async (ref, config) => (await load()).createExec(ground, ref, config),
    start: async (id, options) => (await load()).startExec(ground, id, options),
    inspect: async (id) => (await load()).inspectExec(ground, id),
    resize: async (id, size) => (await load()).resizeExec(ground, id, size),
  };
}
