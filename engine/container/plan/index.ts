/** From what was asked to what the container is: docker's rules and words. Pure, but for what the host has. */
export { thisHost } from "./available.ts";
export { execEnvironment, processEnvironment } from "./environment.ts";
export { checkLimits } from "./limit-rules.ts";
export { type LogLimit, limitOf } from "./log-options.ts";
export { linkConflict } from "./network-rules.ts";
export { type ContainerPlan, planContainer, tidyPath } from "./plan.ts";
export { signalNumber } from "./signals.ts";
