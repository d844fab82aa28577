/**
 * The house: what the rooms share. Holds the paths, the database and the options, and opens each room on first use,
 * so that `ps` does not pay for `build`. Rooms get the house as their first argument; nothing is global.
 */

import type { Builder } from "./build/index.ts";
import { createBuilder } from "./build/room.ts";
import type { Containers } from "./container/index.ts";
import { createContainers } from "./container/room.ts";
import type { System } from "./host/index.ts";
import { createSystem } from "./host/room.ts";
import type { Images } from "./image/index.ts";
import { createImages } from "./image/room.ts";
import type { Engine, EngineOptions, EventsOptions } from "./index.ts";
import type { Networks } from "./network/index.ts";
import { createNetworks } from "./network/room.ts";
import { type Database, openDatabase } from "./state/db.ts";
import { readEvents } from "./state/events.ts";
import { type Paths, pathsFor } from "./state/paths.ts";
import type { Volumes } from "./volume/index.ts";
import { createVolumes } from "./volume/room.ts";

export interface House extends Engine {
  readonly paths: Paths;
  /** Opened on first use; creates the state directory. */
  readonly db: Database;
  readonly options: EngineOptions;
  /** Records that were met and could not be read, in lines for the user. */
  readonly unreadable: Set<string>;
}

class OpenHouse implements House {
  readonly paths: Paths;
  readonly options: EngineOptions;
  readonly unreadable = new Set<string>();
  #db: Database | undefined;
  #rooms = new Map<string, unknown>();

  constructor(options: EngineOptions) {
    this.options = options;
    this.paths = pathsFor(options.root);
  }

  get db(): Database {
    this.#db ??= openDatabase(this.paths);
    return this.#db;
  }

  #room<T>(name: string, create: (house: House) => T): T {
    let room = this.#rooms.get(name);
    if (!room) this.#rooms.set(name, (room = create(this)));
    return room as T;
  }

  get containers(): Containers {
    return this.#room("containers", createContainers);
  }
  get images(): Images {
    return this.#room("images", createImages);
  }
  get builder(): Builder {
    return this.#room("builder", createBuilder);
  }
  get networks(): Networks {
    return this.#room("networks", createNetworks);
  }
  get volumes(): Volumes {
    return this.#room("volumes", createVolumes);
  }
  get system(): System {
    return this.#room("system", createSystem);
  }

  events(options: EventsOptions = {}) {
    return readEvents(this, options);
  }

  async close(): Promise<void> {
    this.#rooms.clear();
    this.#db?.close();
    this.#db = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

export function openHouse(options: EngineOptions): House {
  return new OpenHouse(options);
}
