/**
 * docker compose's hashes of configurations, which stand in labels of what was made from them: what was made by either is known to the
 * other. Pure.
 */
import { sha256 } from "../../sys/digest.ts";
import * as shape from "../model/shape.ts";
import type { Network, Volume } from "../project.ts";
import type { Service } from "../service.ts";
import { printJson } from "./json.ts";
import { shaped } from "./ordered.ts";

const known = new WeakMap<Service, string>();

/** Says a service's hash, where it is known before. */
export function foundHash(service: Service, hash: string): void {
  known.set(service, hash);
}

/** Of all that makes a container what it is: not how its image is built, how many there are, or what they wait for. */
export function serviceHash(service: Service): string {
  const found = known.get(service);
  if (found !== undefined) return found;
  const { build: _build, depends_on: _dependencies, profiles: _profiles, pull_policy: _policy, scale: _scale, ...rest } = service;
  if (!rest.deploy) return hash(rest, shape.service);
  const { replicas: _replicas, ...deploy } = rest.deploy;
  return hash({ ...rest, deploy }, shape.service);
}

export function networkHash(network: Network): string {
  return hash(network, shape.topNetwork);
}

export function volumeHash(volume: Volume): string {
  return hash({ ...volume, driver: volume.driver || "local" }, shape.topVolume);
}

function hash(value: object, of: typeof shape.service): string {
  return sha256(printJson(shaped(value, of, "json"), 0));
}
