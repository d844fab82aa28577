/** The table of resource views, in the order of their tabs. */

import { tags as imageTags, registries, repositories } from "../registry/lists.ts";
import { builds } from "./builds.ts";
import { containers } from "./containers.ts";
import { events } from "./events.ts";
import { hosts } from "./hosts.ts";
import { images } from "./images.ts";
import { networks } from "./networks.ts";
import { projects } from "./projects.ts";
import type { AnyResource, ResourceId } from "./resource.ts";
import { services } from "./services.ts";
import { volumes } from "./volumes.ts";

const all = [containers, images, volumes, networks, builds, projects, services, hosts, registries, repositories, imageTags, events];

export const resources: readonly AnyResource[] = all as unknown as readonly AnyResource[];

/** Those with a tab of their own. */
export const tabs: readonly AnyResource[] = resources.filter(({ key }) => key !== undefined);

/** The tab that a list belongs to. */
export function tabOf(id: ResourceId): ResourceId {
  const { key, after } = resource(id);
  return key === undefined && after !== undefined ? tabOf(after) : id;
}

/** A list, and those that are read after it, in this order. */
export function withFollowers(id: ResourceId): ResourceId[] {
  return [id, ...resources.filter(({ after }) => after === id).flatMap((each) => withFollowers(each.id))];
}

export function resource(id: ResourceId): AnyResource {
  return resources.find((each) => each.id === id)!;
}

export type { AnyResource, ResourceId } from "./resource.ts";
export { columnName } from "./resource.ts";
