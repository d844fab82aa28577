/** The volumes of a host. */
import { EngineError } from "../errors.ts";
import type { VolumeInspect, Volumes } from "../volume/index.ts";
import { type Link, segment } from "./link/link.ts";

const inspected = { CreatedAt: "", Driver: "", Mountpoint: "", Name: "", Scope: "" };

const toVolume = (found: object) => ({ Labels: null, Options: null, ...found }) as VolumeInspect;

export function remoteVolumes(link: Link): Volumes {
  return {
    create: async (options) => toVolume(await link.json("POST", "/volumes/create", inspected, { value: { Driver: "local", ...options } })),
    async list({ filters, size = false } = {}) {
      const { Volumes } = await link.json("GET", "/volumes", { Volumes: [inspected] }, { query: { ...(filters && { filters }) } });
      if (!size) return Volumes.map(toVolume);
      const measured = await link.json("GET", "/system/df", { Volumes: [inspected] }, { query: { type: ["volume"] }, takesLong: true });
      return Volumes.map((each) => toVolume(measured.Volumes.find(({ Name }) => Name === each.Name) ?? each));
    },
    inspect: async (name) => toVolume(await link.json("GET", `/volumes/${segment(name)}`, inspected)),
    async remove(name, { force = false } = {}) {
      try {
        await link.tell("DELETE", `/volumes/${segment(name)}`, { query: { force } });
      } catch (error) {
        // podman says so with force, too.
        if (force && error instanceof EngineError && error.code === "not-found") return;
        throw error;
      }
    },
    async prune({ all = false, filters = {} } = {}) {
      // Hosts before 1.42 spare none.
      if (!all) await link.needs(142, "prune of anonymous volumes alone");
      const given = { ...filters, ...(all && (await link.speaks(142)) && { all: ["true"] }) };
      return link.json("POST", "/volumes/prune", { VolumesDeleted: [""], SpaceReclaimed: 0 }, { query: { filters: given } });
    },
  };
}
