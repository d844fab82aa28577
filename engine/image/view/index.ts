/** What is shown of images: lists, details, history, what fills their layers. */
export { booleanFilter, checkFilters, matchesLabels } from "./filters.ts";
export type { FileUse, LayerUse } from "./layer-use.ts";
export { listImages } from "./list.ts";
