/** A container's log: writing, reading, rotating it, and the watcher that looks at its size. */
export { decodeOutput } from "./k8s-log.ts";
export { LogPages, type PlacedLine } from "./log-pages.ts";
export { LogReader, missedText } from "./log-reader.ts";
export { keepWithinLimit } from "./log-rotation.ts";
export { entrustLog, releaseLog, returnLog, watcherCommand } from "./log-watcher.ts";
export type { LogWriter } from "./log-writer.ts";
