/** `berth info`: counts and facts, in docker's shape. */
import { arch, cpus, hostname, release, totalmem } from "node:os";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { cgroupVersion } from "../runtime/cgroup.ts";
import { machine } from "../runtime/machine.ts";
import type { SystemInfo } from "./index.ts";
import { operatingSystem, runtimeVersion } from "./machine-facts.ts";

export async function systemInfo(house: House): Promise<SystemInfo> {
  const containers = await house.containers.list({ all: true });
  const count = (...states: string[]) => containers.filter(({ State }) => states.includes(State)).length;
  const { count: images } = house.db.get<{ count: number }>("SELECT count(*) AS count FROM images") ?? { count: 0 };
  const { name } = await runtimeVersion(house);
  return {
    ID: installationId(house),
    Containers: containers.length,
    ContainersRunning: count("running"),
    ContainersPaused: count("paused"),
    ContainersStopped: containers.length - count("running", "paused"),
    Images: images,
    Driver: "overlay",
    CgroupDriver: "cgroupfs",
    CgroupVersion: cgroupVersion() === "v2" ? "2" : "1",
    KernelVersion: release(),
    OperatingSystem: operatingSystem(),
    OSType: "linux",
    Architecture: { x64: "x86_64", arm64: "aarch64" }[arch() as string] ?? arch(),
    NCPU: cpus().length,
    MemTotal: totalmem(),
    Name: hostname(),
    ServerVersion: house.options.version ?? "",
    DefaultRuntime: name,
    DockerRootDir: house.paths.root,
    SecurityOptions: machine().seccomp ? ["name=seccomp,profile=builtin"] : [],
    Warnings: warnings(),
  };
}

/** One id for the life of a state directory. */
function installationId(house: House): string {
  const id = process.getBuiltinModule("node:crypto").randomUUID();
  house.db.insert("meta", { key: "installation", value: id }, "OR IGNORE");
  const row = house.db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'installation'");
  if (!row) throw new EngineError("state", "cannot read the installation's id from the state database");
  return row.value;
}

function warnings(): string[] {
  const { swapLimit, seccomp } = machine();
  return [...(swapLimit ? [] : ["No swap limit support"]), ...(seccomp ? [] : ["No seccomp support: containers run unconfined"])];
}
