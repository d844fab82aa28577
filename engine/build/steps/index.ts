/** The instructions that are steps of a build. */
export { copySources } from "./copy-files.ts";
export type { BuildScope, PreparedStep, StageScope } from "./scope.ts";
export { isStep, stepOf } from "./table.ts";
export { prepareDirectory } from "./transfer.ts";
