/** A container's life: create, start, the end of a run, restarts, removal, and what repairs it after a crash. */
export { exitCodeOf } from "./await-end.ts";
export { prepareBundle } from "./bundle.ts";
export { createContainer } from "./create.ts";
export { keepRuntime } from "./keep-runtime.ts";
export { keeps, lockOf } from "./keepers.ts";
export { pauseContainer, unpauseContainer } from "./pause.ts";
export { reconcileContainers } from "./reconcile.ts";
export { startContainer } from "./start.ts";
export { awaitedStarts } from "./start-listeners.ts";
