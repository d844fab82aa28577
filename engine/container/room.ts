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
    if (!first) await (await import("./life/reconcile.ts")).reconcileContainers(ground);
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
      const { Id, Warnings } = yield* (await import("./life/create.ts")).createContainer(ground, spec, signal);
      return { Id, Warnings };
    },
    async *run(spec, streams, options) {
      await ready();
      return yield* (await import("./session/run.ts")).runContainer(ground, spec, streams, options);
    },
    start: verb(async () => (await import("./session/start-attached.ts")).startNamedContainer),
    stop: verb(async () => (await import("./life/stop.ts")).stopNamedContainer),
    restart: verb(async () => (await import("./life/stop.ts")).restartContainer),
    kill: verb(async () => (await import("./life/stop.ts")).killContainer),
    pause: verb(async () => (await import("./life/pause.ts")).pauseContainer),
    unpause: verb(async () => (await import("./life/pause.ts")).unpauseContainer),
    remove: verb(async () => (await import("./life/remove.ts")).removeNamedContainer),
    rename: verb(async () => (await import("./life/rename.ts")).renameContainer),
    connect: verb(async () => (await import("./network/connect.ts")).connectContainer),
    disconnect: verb(async () => (await import("./network/connect.ts")).disconnectContainer),
    update: verb(async () => (await import("./life/update.ts")).updateContainer),
    wait: verb(async () => (await import("./life/wait.ts")).waitForContainer),
    list: verb(async () => (await import("./view/list.ts")).listContainers),
    inspect: verb(async () => (await import("./view/inspect.ts")).inspectContainer),
    async *logs(ref, options) {
      await fresh();
      yield* (await import("./logs/logs.ts")).readLogs(ground, ref, options);
    },
    attach: verb(async () => (await import("./session/attach.ts")).attachToContainer),
    resize: verb(async () => (await import("./session/resize.ts")).resizeContainer),
    exec: verb(async () => (await import("./session/exec.ts")).execInContainer),
    top: verb(async () => (await import("./view/top.ts")).listProcesses),
    async *stats(refs, options) {
      await fresh();
      yield* (await import("./view/stats.ts")).sampleStats(ground, refs, options);
    },
    changes: verb(async () => (await import("./files/changes.ts")).listChanges),
    export: verb(async () => (await import("./files/export.ts")).exportContainer),
    commit: verb(async () => (await import("./files/commit.ts")).commitContainer),
    statPath: verb(async () => (await import("./files/copy.ts")).statPath),
    copyFrom: verb(async () => (await import("./files/copy.ts")).copyFrom),
    copyTo: verb(async () => (await import("./files/copy.ts")).copyTo),
    prune: verb(async () => (await import("./life/prune.ts")).pruneContainers),
  };
}

/** Its verbs, too, look at the running containers first. */
export function createExecs(ground: Ground): Execs {
  const load = async () => {
    await (await import("./life/reconcile.ts")).reconcileContainers(ground);
    return import("./session/exec-by-id.ts");
  };
  return {
    create: async (ref, config) => (await load()).createExec(ground, ref, config),
    start: async (id, options) => (await load()).startExec(ground, id, options),
    inspect: async (id) => (await load()).inspectExec(ground, id),
    resize: async (id, size) => (await load()).resizeExec(ground, id, size),
  };
}
