/** The build room's front: each verb loads its file when it is first used, so that `ps` pays for none of it. */
import type { House } from "../house.ts";
import type { Builder } from "./index.ts";

/** Opens the build room over a house. */
export function createBuilder(house: House): Builder {
  return {
    async *build(options) {
      const { build } = await import("./build.ts");
      return yield* build(house, options);
    },
    async check(options) {
      const { checkDockerfile } = await import("./check.ts");
      return checkDockerfile(house, options);
    },
    async outline(options) {
      const { outlineDockerfile } = await import("./check.ts");
      return outlineDockerfile(house, options);
    },
    async du(filters) {
      const { diskUsage } = await import("./prune.ts");
      return diskUsage(house, filters);
    },
    async prune(options) {
      const { pruneCache } = await import("./prune.ts");
      return pruneCache(house, options);
    },
    async list() {
      const { listBuilds } = await import("./history.ts");
      return listBuilds(house);
    },
  };
}
