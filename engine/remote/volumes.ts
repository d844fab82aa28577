/** The volumes of a host. */
import type { Filters } from "../docker.ts";
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
      if (!all && !(await link.speaks(142))) return pruneAnonymous(link, filters);
      const given = { ...filters, ...(all && (await link.speaks(142)) && { all: ["true"] }) };
      return link.json("POST", "/volumes/prune", { VolumesDeleted: [""], SpaceReclaimed: 0 }, { query: { filters: given } });
    },
  };
}

/** Hosts before 1.42 know no difference, and would take those with a name, too. */
async function pruneAnonymous(link: Link, filters: Filters): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }> {
  const query = { filters: { ...filters, dangling: ["true"] } };
  const { Volumes } = await link.json("GET", "/volumes", { Volumes: [inspected] }, { query });
  const VolumesDeleted = Volumes.map(({ Name }) => Name).filter((name) => /^[0-9a-f]{64}$/.test(name));
  for (const name of VolumesDeleted) await link.tell("DELETE", `/volumes/${segment(name)}`);
  return { VolumesDeleted, SpaceReclaimed: 0 };
}
