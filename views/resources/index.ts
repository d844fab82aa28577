/** The table of resource views, in the order of their tabs. */
import { builds } from "./builds.ts";
import { containers } from "./containers.ts";
import { images } from "./images.ts";
import { networks } from "./networks.ts";
import type { AnyResource, ResourceId } from "./resource.ts";
import { volumes } from "./volumes.ts";

export const resources: readonly AnyResource[] = [containers, images, volumes, networks, builds] as unknown as readonly AnyResource[];

export function resource(id: ResourceId): AnyResource {
  return resources.find((each) => each.id === id)!;
}

export type { AnyResource, ResourceId } from "./resource.ts";
