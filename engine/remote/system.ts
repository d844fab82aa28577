/** A host as a whole: what it is, what takes its space; registries asked in the user's name. */
import type { Credentials } from "../docker.ts";
import { EngineError } from "../errors.ts";
import type { DiskUsageRow, System, SystemInfo } from "../host/index.ts";
import { keepCredentials, logout } from "../registry/login.ts";
import { authConfig, authHeader } from "./images/credentials.ts";
import type { Link } from "./link/link.ts";
import { MapOf } from "./link/template.ts";

const info = {
  ID: "",
  Containers: 0,
  ContainersRunning: 0,
  ContainersPaused: 0,
  ContainersStopped: 0,
  Images: 0,
  Driver: "",
  DriverStatus: [] as [string, string][],
  CgroupDriver: "",
  CgroupVersion: "1",
  KernelVersion: "",
  OperatingSystem: "",
  OSType: "",
  OSVersion: "",
  Architecture: "",
  NCPU: 0,
  MemTotal: 0,
  Name: "",
  ServerVersion: "",
  DefaultRuntime: "",
  DockerRootDir: "",
  SecurityOptions: [""],
  Warnings: [""],
  Plugins: { Volume: [""], Network: [""], Log: [""] },
  Runtimes: new MapOf({ path: "" }),
  Swarm: { NodeID: "", NodeAddr: "", LocalNodeState: "inactive" },
  LoggingDriver: "",
  SystemTime: "",
  IndexServerAddress: "",
  HttpProxy: "",
  HttpsProxy: "",
  NoProxy: "",
  Labels: [""],
  Debug: false,
  ExperimentalBuild: false,
  LiveRestoreEnabled: false,
  InitBinary: "",
};

const versions = {
  Version: "",
  ApiVersion: "",
  MinAPIVersion: "",
  Os: "",
  Arch: "",
  KernelVersion: "",
  Components: [{ Name: "", Version: "", Details: new MapOf("") }],
};

const usage = {
  LayersSize: 0,
  Images: [{ Size: 0, SharedSize: 0, Containers: 0 }],
  Containers: [{ State: "", SizeRw: 0 }],
  Volumes: [{ UsageData: { Size: 0, RefCount: 0 } }],
  BuildCache: [{ InUse: false, Shared: false, Size: 0 }],
};

/** What cannot be asked of a host, with the reason. */
export const systemLimits = {
  "system.doctor": "it looks at the host that berth runs on: run it over there",
  "system.repair": "it mends the state of the host that berth runs on: run it over there",
} as const;

const absent = (verb: keyof typeof systemLimits) => async (): Promise<never> => {
  throw new EngineError("unsupported", systemLimits[verb]);
};

export function remoteSystem(link: Link): System {
  const holders = new Map<string, Promise<void>>();
  return {
    troubles: async () => [],
    doctor: absent("system.doctor"),
    repair: absent("system.repair"),
    info: async () => (await link.json("GET", "/info", info, { takesLong: true })) as unknown as SystemInfo,
    async version() {
      const { Components, ...found } = await link.json("GET", "/version", versions);
      return { ...found, Components: Components.filter(({ Name }) => Name !== "Engine") };
    },
    async df() {
      return rowsOf(await link.json("GET", "/system/df", usage, { takesLong: true }));
    },
    async login(server, credentials, signal, { keep = true } = {}) {
      const value = authConfig(credentials, server === "" ? "docker.io" : server);
      const { Status } = await link.json("POST", "/auth", { Status: "Login Succeeded" }, { value, signal });
      const file = keep ? await keepCredentials(server, credentials) : undefined;
      return { Status, ...(file && { File: file }) };
    },
    // The user's credentials are here, whichever host is asked.
    logout,
    async search(term, { limit = 0, filters = {}, credentials, signal } = {}) {
      const row = { name: "", description: "", star_count: 0, is_official: false };
      const headers = await authHeader(term, credentials as Credentials | null | undefined);
      const found = await link.json("GET", "/images/search", [row], {
        query: { term, limit: limit || 25, filters },
        headers,
        signal,
        takesLong: true,
      });
      return found.map((each) => ({
        Name: each.name,
        Description: each.description,
        StarCount: each.star_count,
        IsOfficial: each.is_official,
      }));
    },
    note: async () => undefined,
    keepNote: async () => {},
    isFree: async (name) => !holders.has(name),
    /** Among those of this process: hosts have nothing of the kind. */
    async exclusive(name, signal) {
      while (holders.has(name)) {
        signal?.throwIfAborted();
        await holders.get(name);
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      holders.set(name, promise);
      return {
        [Symbol.dispose]() {
          holders.delete(name);
          resolve();
        },
      };
    },
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + Math.max(0, each), 0);

type Usage = typeof usage;

function rowsOf({ LayersSize, Images, Containers, Volumes, BuildCache }: Usage): DiskUsageRow[] {
  const row = (Type: DiskUsageRow["Type"], all: readonly { active: boolean; size: number }[], Size = sum(all.map(({ size }) => size))) => {
    const idle = sum(all.filter(({ active }) => !active).map(({ size }) => size));
    return { Type, TotalCount: all.length, Active: all.filter(({ active }) => active).length, Size, Reclaimable: Math.min(Size, idle) };
  };
  const runs = (state: string) => ["running", "paused", "restarting"].includes(state);
  return [
    row(
      "Images",
      Images.map(({ Containers: users, Size, SharedSize }) => ({ active: users > 0, size: Size - Math.max(0, SharedSize) })),
      LayersSize,
    ),
    row(
      "Containers",
      Containers.map(({ State, SizeRw }) => ({ active: runs(State), size: SizeRw })),
    ),
    row(
      "Local Volumes",
      Volumes.map(({ UsageData }) => ({ active: UsageData.RefCount > 0, size: UsageData.Size })),
    ),
    // A record that shares its layer with an image takes no space of its own.
    row(
      "Build Cache",
      BuildCache.map(({ InUse, Shared, Size }) => ({ active: InUse, size: Shared ? 0 : Size })),
    ),
  ];
}
