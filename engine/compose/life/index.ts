/** A project's life: what is there, what has to change, and the changes. */
export { createChannel } from "../../build/report/index.ts";
export { firstToEnd } from "./await.ts";
export { buildOf } from "./build.ts";
export { Cast, scaleOf, withNeeds } from "./converge.ts";
export { awaitCondition } from "./dependencies.ts";
export { type ForeseenService, type Foresight, foresee } from "./foresee.ts";
export { inOrder } from "./graph.ts";
export { buildImages, ensureImages, type ImageWishes, pullable, pullImages, pushImages } from "./images.ts";
export { LineJoiner, type LogLook, Prefixes, shortName } from "./log-lines.ts";
export { isUp, type Observed, observe, observeContainers, orphansOf, projectsOf, type Seen, seenOf } from "./observe.ts";
export { makeOneOff, type OneOff, stayWith } from "./one-off.ts";
export { type DownWishes, down, removeContainers, stopContainer } from "./remove.ts";
export { restartServices } from "./restart.ts";
export { doing, found, type Scene, through } from "./scene.ts";
export { showLogs } from "./show-logs.ts";
export { type StayWishes, stay } from "./stay.ts";
export { takesLayers } from "./takes-layers.ts";
export { prepare, type StartWishes, startAll, type UpWishes } from "./up.ts";
