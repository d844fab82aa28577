/** What has to change so that the containers of a service are what the project says. Pure: carried out by converge.ts. */
import type { Seen } from "./observe.ts";

/** How `up` treats what is there. */
export type Recreation = "diverged" | "force" | "never";

export interface Desired {
  /** How many containers. */
  scale: number;
  hash: string;
  /** Id of the image that the service's reference stands for now. */
  image: string;
  /** The engine's names of the networks that it has to be on; undefined where it shares somebody's or the host's. */
  networks?: readonly string[];
  /** The engine's names of the volumes that are mounted in it: under the same key of a project may stand another. */
  volumes?: readonly string[];
  recreation: Recreation;
  /** Changed by this `up`: what shares its namespace, or is to be restarted with it, follows. */
  follows?: boolean;
}

export interface ServicePlan {
  /** Left by an `up` that was cut off: the container that it was to replace is gone, so it gets the name. */
  adopt: Seen[];
  /** More than there should be, or left half made. */
  remove: Seen[];
  recreate: Seen[];
  /** Numbers of new ones. */
  create: number[];
  keep: Seen[];
}

/**
 * @param seen the service's containers, those of `run` left out
 * @param name the name that a number's container has to have
 */
export function planService(desired: Desired, seen: readonly Seen[], name: (number: number) => string): ServicePlan {
  const ids = new Set(seen.map(({ id }) => id));
  const halfMade = seen.filter((each) => each.replaces !== undefined && each.name !== name(each.number));
  const isOrphan = (each: Seen) => halfMade.includes(each) && !ids.has(each.replaces!);
  const adopt = halfMade.filter(isOrphan);
  const aborted = halfMade.filter((each) => !isOrphan(each));
  const whole = seen.filter((each) => !aborted.includes(each));
  // The obsolete go first when there are too many, then those with the highest numbers.
  const ordered = [...whole].sort((a, b) => Number(isObsolete(desired, a)) - Number(isObsolete(desired, b)) || a.number - b.number);
  const wanted = ordered.slice(0, desired.scale);
  const stays = (each: Seen) => !isObsolete(desired, each);
  return {
    adopt: adopt.filter((each) => wanted.includes(each)),
    remove: [...aborted, ...ordered.slice(desired.scale)],
    recreate: wanted.filter((each) => !stays(each)),
    create: freeNumbers(desired.scale - wanted.length, wanted),
    keep: wanted.filter(stays),
  };
}

/** Whether a container is not what the project says any more. */
export function isObsolete(desired: Desired, seen: Seen): boolean {
  if (desired.recreation === "never") return false;
  if (desired.recreation === "force" || desired.follows) return true;
  if (seen.state === "dead" || seen.state === "removing") return true;
  return seen.hash !== desired.hash || seen.image !== desired.image || !isOnNetworks(desired, seen) || !hasVolumes(desired, seen);
}

function isOnNetworks({ networks = [] }: Desired, seen: Seen): boolean {
  return networks.every((network) => seen.networks.includes(network));
}

function hasVolumes({ volumes = [] }: Desired, { mounts }: Seen): boolean {
  return volumes.every((volume) => mounts.some(({ Type, Name }) => Type === "volume" && Name === volume));
}

/** The lowest that nobody has. */
function freeNumbers(count: number, taken: readonly Seen[]): number[] {
  const used = new Set(taken.map(({ number }) => number));
  const numbers: number[] = [];
  for (let number = 1; numbers.length < count; number++) if (!used.has(number)) numbers.push(number);
  return numbers;
}
