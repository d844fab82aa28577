/** Networks, volumes and the rest of the fake engine. */
import { on, once } from "node:events";
import { EngineError } from "../../../engine/errors.ts";
import type { Builder, Filters, NetworkInspect, Networks, System, VolumeInspect, Volumes } from "../../../engine/index.ts";
import { matchesPattern } from "../../../engine/state/matching.ts";
import { absent } from "./absent.ts";
import { id, type World } from "./world.ts";

const predefined = ["bridge", "host", "none"];

const isNamed = (filters: Filters | undefined, name: string) =>
  (filters?.["name"] ?? [""]).some((pattern) => matchesPattern(pattern, name));

export function network(Name: string, change: Partial<NetworkInspect> = {}): NetworkInspect {
  return {
    ...{ Name, Id: id(), Created: "", Scope: "local", Driver: "bridge", EnableIPv4: true, EnableIPv6: false },
    ...{ Internal: false, Attachable: false, Ingress: false, ConfigFrom: { Network: "" }, ConfigOnly: false },
    ...{ IPAM: { Driver: "default", Options: {}, Config: [] }, Containers: {}, Options: {}, Labels: {} },
    ...change,
  };
}

export function fakeNetworks(world: World): Networks {
  const find = (ref: string): NetworkInspect => {
    const found = world.networks.find(({ Id, Name }) => Name === ref || Id.startsWith(ref));
    if (!found) throw new EngineError("not-found", `no such network: "${ref}"`);
    return found;
  };
  const drop = (gone: NetworkInspect) => {
    world.networks.splice(world.networks.indexOf(gone), 1);
    world.emit("network", "destroy", gone.Id, { name: gone.Name });
  };
  return {
    async create({ Name, Labels = {}, IPAM }) {
      if (world.networks.some((each) => each.Name === Name)) throw new EngineError("conflict", `network "${Name}" is there already`);
      const made = network(Name, { Labels, IPAM: { Driver: "default", Options: {}, Config: IPAM?.Config ?? [] } });
      world.networks.push(made);
      world.emit("network", "create", made.Id, { name: Name });
      return { Id: made.Id, Warning: "" };
    },
    list: async ({ filters } = {}) => world.networks.filter(({ Name }) => isNamed(filters, Name)),
    inspect: async (ref) => find(ref),
    async remove(ref) {
      const found = find(ref);
      if (predefined.includes(found.Name)) throw new EngineError("conflict", `network "${ref}" is predefined`);
      drop(found);
    },
    async prune() {
      const used = (name: string) => world.containers.some((row) => world.life(row).networks.has(name));
      const gone = world.networks.filter(({ Name }) => !predefined.includes(Name) && !used(Name));
      for (const each of gone) drop(each);
      return { NetworksDeleted: gone.map(({ Name }) => Name) };
    },
  };
}

export function fakeVolumes(world: World): Volumes {
  const find = (name: string) => world.volumes.find(({ Name }) => Name === name);
  const missing = (name: string) => new EngineError("not-found", `no such volume: "${name}"`);
  const isUsed = (name: string) => world.containers.some(({ Mounts }) => Mounts.some((mount) => mount.Name === name));
  const drop = (gone: VolumeInspect) => {
    world.volumes.splice(world.volumes.indexOf(gone), 1);
    world.emit("volume", "destroy", gone.Name);
  };
  return {
    async create({ Name = id(), Labels = {} }) {
      const there = find(Name);
      if (there) return there;
      const made: VolumeInspect = {
        CreatedAt: new Date().toISOString(),
        Driver: "local",
        Labels,
        Mountpoint: `/fake/${Name}`,
        Name,
        Options: {},
        Scope: "local",
      };
      world.volumes.push(made);
      world.emit("volume", "create", Name);
      return made;
    },
    list: async ({ filters } = {}) => world.volumes.filter(({ Name }) => isNamed(filters, Name)),
    async inspect(name) {
      const found = find(name);
      if (!found) throw missing(name);
      return found;
    },
    async remove(name, { force = false } = {}) {
      const found = find(name);
      if (!found && !force) throw missing(name);
      if (isUsed(name)) throw new EngineError("in-use", `volume "${name}" is used by a container`);
      if (found) drop(found);
    },
    async prune({ all } = {}) {
      const gone = world.volumes.filter(({ Name }) => (all || /^[0-9a-f]{64}$/.test(Name)) && !isUsed(Name));
      for (const each of gone) drop(each);
      return { VolumesDeleted: gone.map(({ Name }) => Name), SpaceReclaimed: 0 };
    },
  };
}

export function fakeBuilder(world: World): Builder {
  const find = (reference: string) => {
    const found = world.builds.find(({ ID }) => ID.startsWith(reference));
    if (!found) throw new EngineError("not-found", `no such build: "${reference}"`);
    return found;
  };
  return {
    list: async () => world.builds.toReversed(),
    inspect: async (reference) => find(reference),
    async *replay(reference, { signal, follow } = {}) {
      const { ID } = find(reference);
      const said = world.said.get(ID) ?? [];
      for (let at = 0; !signal?.aborted; ) {
        while (at < said.length) yield said[at++]!;
        if (!follow || find(ID).Status !== "running") return;
        await once(world.signals, "build", { ...(signal && { signal }) }).catch(() => {});
      }
    },
    async forget(references) {
      const gone = references.map(find);
      world.builds = world.builds.filter((each) => !gone.includes(each));
      world.signals.emit("build");
      return gone.map(({ ID }) => ID);
    },
    async *changes(signal) {
      for await (const _ of on(world.signals, "build", { signal })) yield;
    },
    ...absent(world, "builder", "the fake engine builds nothing", ["build", "check", "outline", "targets", "du", "prune"]),
  };
}

export function fakeSystem(world: World): System {
  const absences = absent(world, "system", "the fake engine has no machine", [
    ...(["doctor", "repair", "info", "version", "df", "login", "logout", "search"] as const),
  ]);
  const turns = new Map<string, Promise<void>>();
  return {
    troubles: async () => [],
    async exclusive(name) {
      const before = turns.get(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      turns.set(name, promise);
      await before;
      return { [Symbol.dispose]: resolve };
    },
    note: async () => undefined,
    keepNote: async () => {},
    isFree: async (name) => !turns.has(name), // once held, it may be
    ...absences,
  };
}
