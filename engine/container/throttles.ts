/** `--device-read-bps` and its kin: how much a container may read from a block device and write to it (OCI runtime-spec, "Block IO"). */
import { statSync } from "node:fs";
import type { HostConfig, ThrottleDevice } from "../docker.ts";
import { EngineError } from "../errors.ts";
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
export function planThrottles(host: HostConfig): BlockIo {
  const limits = Object.entries(members).flatMap(([name, asked]) => {
    const devices = host[asked] ?? [];
    return devices.length > 0 ? [[name, devices.map(numbered)]] : [];
  });
  return Object.fromEntries(limits) as BlockIo;
}

function numbered({ Path, Rate }: ThrottleDevice): { major: number; minor: number; rate: number } {
  const found = statSync(Path, { throwIfNoEntry: false });
  if (!found?.isBlockDevice())
    throw new EngineError("invalid", `cannot limit "${Path}": ${found ? "it is no block device" : "no such file or directory"}`, {
      exit: 125,
      hint: "name a whole disk, such as /dev/sda",
    });
  return { ...deviceNumbers(found.rdev), rate: Rate };
}
