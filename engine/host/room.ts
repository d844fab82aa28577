/** The host room's front: each question loads its own file, as most commands ask none. */
import type { House } from "../house.ts";
import type { System } from "./index.ts";

export function createSystem(house: House): System {
  return {
    troubles: async () => [...(house.db.trouble ? [house.db.trouble] : []), ...house.unreadable],
    doctor: async () => (await import("./doctor.ts")).runDoctor(house),
    repair: async () => (await import("./repair.ts")).repair(house),
    info: async () => (await import("./info.ts")).systemInfo(house),
    version: async () => (await import("./version.ts")).versionInfo(house),
    login: async (server, credentials, signal) => (await import("../registry/login.ts")).login(server, credentials, signal),
    logout: async (server) => (await import("../registry/login.ts")).logout(server),
    search: async (term, options) => (await import("../registry/search.ts")).searchRegistry(term, options),
    df: async () => (await import("./usage.ts")).diskUsage(house),
  };
}
