/** Services follow the files that they are made from: `watch`, and `up --watch`. Loaded when it is asked for. */
import type { watchRules as rules, watchProject as watch } from "./watch.ts";

export type { WatchRule } from "./rules.ts";
export type { WatchWishes } from "./watch.ts";

/** See watch.ts. */
export const watchRules: typeof rules = async (scene) => (await import("./watch.ts")).watchRules(scene);

/** See watch.ts. */
export const watchProject: typeof watch = async (...args) => (await import("./watch.ts")).watchProject(...args);
