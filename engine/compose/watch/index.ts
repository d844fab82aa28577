/** Services follow the files that they are made from: `watch`, and `up --watch`. */
export type { WatchRule } from "./rules.ts";
export { type WatchWishes, watchProject, watchRules } from "./watch.ts";
