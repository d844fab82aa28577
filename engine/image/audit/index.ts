/** What can be held against an image: powers, shells and secrets in its layers, its user, its words. */
export { audit, isLookedAt } from "./audit.ts";
