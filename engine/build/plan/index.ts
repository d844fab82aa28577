/** What is to be done and what a stage has become, as plain data. Pure. */
export { type AttestWishes, attestsAnything, attestsOf } from "./attests.ts";
export { contextPaths } from "./context-paths.ts";
export { checkAllowed, refuseForbidden, requireAllowed } from "./entitlements.ts";
export { type Dates, dateOf } from "./epoch.ts";
export { refuseUnpinned, refuseUnpinnedPlan } from "./pinned.ts";
export { type BuildPlan, type FromRef, located, planBuild, resolveFrom, type StagePlan } from "./plan.ts";
export { platformArgs } from "./platform.ts";
export { platformsOf } from "./platforms.ts";
export { addLayer, derivedState, imageState, markPlaces, record, type StageState, scratchState, toImageConfig } from "./stage-state.ts";
