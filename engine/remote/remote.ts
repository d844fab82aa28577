/**
 * An engine whose containers are on another host, or with another engine of this one: berth's own, dockerd, podman. The same contract,
 * carried out by Docker's API; what that cannot carry is `unsupported`, and said beforehand.
 */
import type { Capabilities, Engine } from "../engine.ts";
import type { EventsOptions } from "../events.ts";
import { builderLimits, remoteBuilder } from "./builds/room.ts";
import { RemoteExecs } from "./containers/execs.ts";
import { remoteContainers } from "./containers/room.ts";
import { readEvents } from "./events.ts";
import { fileLimits, remoteFiles } from "./files.ts";
import { imageLimits, remoteImages } from "./images/room.ts";
import type { Endpoint } from "./link/address.ts";
import type { Connection } from "./link/connection.ts";
import { Link, type LinkOptions } from "./link/link.ts";
import { remoteNetworks } from "./networks.ts";
import { remoteSystem, systemLimits } from "./system.ts";
import { remoteVolumes } from "./volumes.ts";

export interface RemoteEngine extends Engine {
  /** How the host is doing. */
  readonly connection: Connection;
}

/**
 * Opens the engine of a host. Nothing is asked before it is needed; a host that is not there is an error of what is asked, and one that
 * comes back is used again.
 *
 * ```ts
 * await using engine = openRemoteEngine("ssh://me@build");
 * engine.connection.watch((state) => console.log(state.status));
 * ```
 * @param at an address, or one with what TLS needs
 * @throws EngineError `usage` (the address), `system` (no ssh here)
 */
export function openRemoteEngine(at: string | Endpoint, options: LinkOptions = {}): RemoteEngine {
  const link = new Link(typeof at === "string" ? { address: at } : at, options);
  const execs = new RemoteExecs(link);
  const { create, start, inspect, resize } = execs;
  const containers = remoteContainers(link, execs);
  return {
    connection: link,
    containers,
    execs: { create: create.bind(execs), start: start.bind(execs), inspect: inspect.bind(execs), resize: resize.bind(execs) },
    images: remoteImages(link),
    builder: remoteBuilder(link),
    networks: remoteNetworks(link),
    volumes: remoteVolumes(link),
    files: remoteFiles(containers),
    system: remoteSystem(link),
    capabilities: async (): Promise<Capabilities> => ({ cannot: { ...imageLimits, ...builderLimits, ...fileLimits, ...systemLimits } }),
    events: (options?: EventsOptions) => readEvents(link, options),
    close: async () => link.close(),
    [Symbol.asyncDispose]: async () => link.close(),
  };
}
