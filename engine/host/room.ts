/** The host room's front: each question loads its own file, as most commands ask none. */

import type { Ground } from "../state/ground.ts";
import { readNote, writeNote } from "../state/notes.ts";
import type { System } from "./index.ts";
import type { UsageSources } from "./usage.ts";

export function createSystem(ground: Ground, rooms: UsageSources): System {
  return {
    troubles: async () => [...(ground.db.trouble ? [ground.db.trouble] : []), ...ground.unreadable],
    exclusive: async (name, signal) => (await import("./exclusive.ts")).exclusive(ground, name, signal),
    isFree: async (name) => (await import("./exclusive.ts")).isFree(ground, name),
    note: async (name) => readNote(ground, name),
    keepNote: async (name, text) => writeNote(ground, name, text),
    doctor: async () => (await import("./doctor.ts")).runDoctor(ground),
    repair: async () => (await import("./repair.ts")).repair(ground),
    info: async () => (await import("./info.ts")).systemInfo(ground, rooms),
    version: async () => (await import("./version.ts")).versionInfo(ground),
    login: async (...of) => (await import("../registry/login.ts")).login(...of),
    logout: async (server) => (await import("../registry/login.ts")).logout(server),
    search: async (term, options) => (await import("../registry/search.ts")).searchRegistry(term, options),
    df: async () => (await import("./usage.ts")).diskUsage(ground, rooms),
  };
}
