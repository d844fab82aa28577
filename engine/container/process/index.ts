/** A container's process as the host sees it: its first process, its control group, its monitor, waiting for it. */
export { reopenMessage, resizeMessage, tellMonitor } from "./control.ts";
export { chooseGroup, groupOf } from "./group.ts";
export { runningContainer } from "./join.ts";
export { prepareGroup } from "./prepare-group.ts";
export { processOf, signalContainer, signalMember } from "./process.ts";
export { until } from "./until.ts";
