/** DOCKER_DEFAULT_PLATFORM: that of services which are built and do not say, in their hashes too. */
import type { Project } from "../project.ts";
import { type Tree, wrongAt } from "../source/places.ts";

/** Changes the project. @throws EngineError for a build that is not for it, located */
export function giveDefaultPlatform({ environment, model }: Project, root: Tree): void {
  const platform = environment["DOCKER_DEFAULT_PLATFORM"];
  if (!platform) return;
  for (const [name, service] of Object.entries(model.services)) {
    if (!service.build || service.platform) continue;
    const { platforms = [] } = service.build;
    if (platforms.length > 0 && !platforms.includes(platform))
      throw wrongAt(root, ["services", name, "build", "platforms"], `DOCKER_DEFAULT_PLATFORM "${platform}" is not among them`);
    service.platform = platform;
  }
}
