/** Where a build's result goes: the image with its history and budget, directories, archives. */
export { budgetOf, checkBudget, instructionOf } from "./budget.ts";
export { exportImage, parseTags, saveResult } from "./export.ts";
export { type Made, metadataOf, type Telling } from "./made.ts";
export { compressionOf, exportManifest } from "./manifest.ts";
export { checkOutputs, outputNames, pushTags, wantsImage, writeOutputs } from "./output.ts";
