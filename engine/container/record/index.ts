/** What a container's row says: reading it, finding it, its lock, its events, its health. */
export { containerFacts, imagesOfContainers, removingWithVolumes } from "./facts.ts";
export { type Health, healthOf, judge, newHealth, nextProbe } from "./health.ts";
export {
  type ContainerRecord,
  emitContainer,
  filesOf,
  findById,
  findContainer,
  isRunning,
  keepContainer,
  linkNames,
  lockContainer,
  never,
  noteDamage,
  refuseDamaged,
  refuseRestarting,
  startsByItself,
  stopPatience,
  timestamp,
  toRecord,
  toRestart,
} from "./record.ts";
