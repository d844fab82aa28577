/** The build room's front: each verb loads its file when it is first used, so that `ps` pays for none of it. */
import type { Ground } from "../state/ground.ts";
import type { Builder } from "./index.ts";

/** Opens the build room. */
export function createBuilder(ground: Ground): Builder {
  return {
    async *build(options) {
      const { build } = await import("./build.ts");
      return yield* build(ground, options);
    },
    async check(options) {
      const { checkDockerfile } = await import("./check/check.ts");
      return checkDockerfile(ground, options);
    },
    async outline(options) {
      const { outlineDockerfile } = await import("./check/check.ts");
      return outlineDockerfile(ground, options);
    },
    async targets(options) {
      const { targetsOfDockerfile } = await import("./check/check.ts");
      return targetsOfDockerfile(ground, options);
    },
    async du(filters) {
      const { diskUsage } = await import("./cache/prune.ts");
      return diskUsage(ground, filters);
    },
    async prune(options) {
      const { pruneCache } = await import("./cache/prune.ts");
      return pruneCache(ground, options);
    },
    async list() {
      const { listWithSteps } = await import("./history/read.ts");
      return listWithSteps(ground);
    },
    async inspect(reference) {
      const { inspectBuild } = await import("./history/read.ts");
      return inspectBuild(ground, reference);
    },
    async *replay(reference, options) {
      const { replayBuild } = await import("./history/read.ts");
      yield* replayBuild(ground, reference, options);
    },
    async forget(references) {
      const { forgetBuilds } = await import("./history/rows.ts");
      return forgetBuilds(ground, references);
    },
    async *changes(signal) {
      const { buildChanges } = await import("./history/read.ts");
      yield* buildChanges(ground, signal);
    },
  };
}
