/** What a build says while it runs. */
export { createChannel } from "./channel.ts";
export { StepNames } from "./naming.ts";
export { createProgress, isCounted, type Progress, progressOf, type StepReport, throwIfCancelled } from "./progress.ts";
