/** `--device-read-bps` and its kin: how much a container may read from a block device and write to it, and its share (OCI runtime-spec, "Block IO"). */
import { statSync } from "node:fs";
import type { HostConfig } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { HostFacts } from "../../runtime/host-facts.ts";
import { deviceNumbers } from "./devices.ts";
import type { OciResources } from "./oci.ts";

type BlockIo = NonNullable<OciResources["blockIO"]>;

const members = {
  throttleReadBpsDevice: "BlkioDeviceReadBps",
  throttleWriteBpsDevice: "BlkioDeviceWriteBps",
  throttleReadIOPSDevice: "BlkioDeviceReadIOps",
  throttleWriteIOPSDevice: "BlkioDeviceWriteIOps",
} as const satisfies Partial<Record<keyof BlockIo, keyof HostConfig>>;

/** @throws EngineError `invalid` for a path that is no block device */
export function planThrottles(host: HostConfig, { cgroup }: Pick<HostFacts, "cgroup">): BlockIo {
  const limits = Object.entries(members).flatMap(([name, asked]) => {
    const devices = host[asked] ?? [];
    return devices.length > 0 ? [[name, devices.map(({ Path, Rate }) => ({ ...numbers(Path), rate: Rate }))]] : [];
  });
  const weights = (host.BlkioWeightDevice ?? []).map(({ Path, Weight }) => ({ ...numbers(Path), weight: Weight }));
  // On v1 berth writes them, as it does the group's weight (prepareGroup).
  return { ...Object.fromEntries(limits), ...(weights.length > 0 && cgroup === "v2" && { weightDevice: weights }) };
}

/** "254:0" @throws EngineError `invalid` */
export function blockDevice(path: string): string {
  const { major, minor } = numbers(path);
  return `${major}:${minor}`;
}

function numbers(path: string): { major: number; minor: number } {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isBlockDevice())
    throw new EngineError("invalid", `cannot limit "${path}": ${found ? "it is no block device" : "no such file or directory"}`, {
      exit: 125,
      hint: "name a whole disk, such as /dev/sda",
    });
  return deviceNumbers(found.rdev);
}
