/** Whether to make a project true takes threads for layers, or talks to other programs: what the program of short commands leaves to Node. */
import type { Engine } from "../../engine.ts";
import { filesOf, isBound } from "../create/mounts.ts";
import type { Project } from "../project.ts";
import { type ImageWishes, lookAtImages } from "./images.ts";

/** Images that are pulled or built, files that are written into containers, and volumes that may be mounts of their own. */
export async function takesLayers(engine: Engine, project: Project, wishes: ImageWishes): Promise<boolean> {
  const { services, volumes = {} } = project.model;
  const all = Object.values(services);
  if (all.some(({ provider }) => provider)) return true;
  if (all.some((service) => filesOf(project, service).some((file) => !isBound(file)))) return true;
  if (Object.values(volumes).some(({ driver_opts, external }) => driver_opts !== undefined || external)) return true;
  const { steps } = await lookAtImages({ engine, project }, Object.keys(services), wishes);
  return [...steps.values()].some((step) => step === "pull" || step === "build");
}
