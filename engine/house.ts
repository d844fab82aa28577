/**
 * The house: the one place that knows every room. It is the ground they stand on (paths, database, options), opens each on
 * first use, so that `ps` does not pay for `build`, and lends a room what it needs of those above it.
 */

import { cacheFacts } from "./build/cache/index.ts";
import type { Builder } from "./build/index.ts";
import { createBuilder } from "./build/room.ts";
import type { Containers, Execs } from "./container/index.ts";
import { containerFacts } from "./container/record/index.ts";
import { createContainers, createExecs } from "./container/room.ts";
import type { Capabilities, Engine } from "./engine.ts";
import type { EventsOptions } from "./events.ts";
import type { Files } from "./files/index.ts";
import { createFiles } from "./files/room.ts";
import type { System } from "./host/index.ts";
import { createSystem } from "./host/room.ts";
import type { Images } from "./image/index.ts";
import { createImages, type Transfer } from "./image/room.ts";
import type { Networks } from "./network/index.ts";
import { createNetworks } from "./network/room.ts";
import { type Database, openDatabase } from "./state/db.ts";
import { readEvents } from "./state/events.ts";
import type { Ground } from "./state/ground.ts";
import type { Lent } from "./state/lent.ts";
import type { LocalOptions } from "./state/options.ts";
import { type Paths, pathsFor } from "./state/paths.ts";
import { createGuard } from "./trust/guard.ts";
import type { Volumes } from "./volume/index.ts";
import { createVolumes } from "./volume/room.ts";

/** All rooms on one ground. Nothing below this file knows it. */
export interface House extends Engine, Ground {}

class OpenHouse implements House {
  readonly paths: Paths;
  readonly options: LocalOptions;
  readonly unreadable = new Set<string>();
  readonly lent: Lent;
  #db: Database | undefined;
  #rooms = new Map<string, unknown>();

  constructor(options: LocalOptions) {
    this.options = options;
    this.paths = pathsFor(options.root);
    this.lent = { containers: containerFacts(this), builds: cacheFacts(this), trust: createGuard(this) };
  }

  get db(): Database {
    this.#db ??= openDatabase(this.paths);
    return this.#db;
  }

  #room<T>(name: string, create: () => T): T {
    let room = this.#rooms.get(name);
    if (!room) this.#rooms.set(name, (room = create()));
    return room as T;
  }

  /** Pulling and pushing are the registry room's, what is attested the attest room's: both build on images. */
  #transfer(): Transfer {
    const ground = this;
    return {
      async *pull(ref, options) {
        return yield* (await import("./registry/pull.ts")).pullImage(ground, ref, options);
      },
      distribution: async (ref, options) => (await import("./registry/distribution.ts")).inspectDistribution(ref, options),
      async *push(ref, options) {
        return yield* (await import("./registry/push.ts")).pushImage(ground, ref, options);
      },
      resolve: async (ref, options) => (await import("./registry/resolve.ts")).resolveReference(ref, options),
      attestations: async (ref, query) => (await import("./attest/attestations.ts")).listAttestations(ground, ref, query),
      bill: async (ref, options) => (await import("./attest/bill.ts")).billOf(ground, ref, options),
      attest: async (ref, given) => (await import("./attest/attest-image.ts")).attestImage(ground, ref, given),
      keepLayer: async (...wanted) => (await import("./registry/keep-layer.ts")).keepLayer(ground, ...wanted),
    };
  }

  get containers(): Containers {
    return this.#room("containers", () => createContainers(this, async () => (await import("./reconcile.ts")).reconcile(this)));
  }
  get execs(): Execs {
    return this.#room("execs", () => createExecs(this));
  }
  get images(): Images {
    return this.#room("images", () => createImages(this, this.#transfer()));
  }
  get builder(): Builder {
    return this.#room("builder", () => createBuilder(this));
  }
  get networks(): Networks {
    return this.#room("networks", () => createNetworks(this));
  }
  get volumes(): Volumes {
    return this.#room("volumes", () => createVolumes(this));
  }
  get files(): Files {
    return this.#room("files", () => createFiles(this));
  }
  get system(): System {
    return this.#room("system", () => createSystem(this, this));
  }

  async capabilities(): Promise<Capabilities> {
    return { cannot: (await import("./host/limits.ts")).hostLimits() };
  }

  events(options: EventsOptions = {}) {
    return readEvents(this, options);
  }

  async close(): Promise<void> {
    this.#rooms.clear();
    if (this.options.endsAtOnce && this.#db?.mayBeLeft) return;
    this.#db?.close();
    this.#db = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

export function openHouse(options: LocalOptions): House {
  return new OpenHouse(options);
}
