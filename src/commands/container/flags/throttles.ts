/** Flags that limit what a container reads from block devices and writes to them, and its share of them. */
import type { ThrottleDevice, WeightDevice } from "../../../../engine/index.ts";
import { parseBytes } from "../../../format/size.ts";
import type { FlagSpec } from "../../command.ts";
import { listOf } from "../../flag-values.ts";
import { badFlag, type FlagGroup } from "./draft.ts";

const members = {
  "device-read-bps": "BlkioDeviceReadBps",
  "device-read-iops": "BlkioDeviceReadIOps",
  "device-write-bps": "BlkioDeviceWriteBps",
  "device-write-iops": "BlkioDeviceWriteIOps",
} as const;

const isBytes = (name: string) => name.endsWith("bps");

const flags = Object.keys(members).map((name): FlagSpec => {
  const [, direction, unit] = name.split("-");
  return {
    name,
    type: "list",
    placeholder: "DEVICE:RATE",
    subject: "file",
    help: `Limit ${direction === "read" ? "reading from" : "writing to"} a device (${unit === "bps" ? "bytes" : "operations"} per second)`,
  };
});

export const throttles: FlagGroup = {
  flags: [
    ...flags,
    {
      name: "blkio-weight-device",
      type: "list",
      placeholder: "DEVICE:WEIGHT",
      subject: "file",
      help: "Block I/O weight of a device (10 to 1000)",
    },
  ],
  apply(input, { host }) {
    const weights = listOf(input, "blkio-weight-device").map(parseWeight);
    if (weights.length > 0) host.BlkioWeightDevice = weights;
    for (const [name, member] of Object.entries(members)) {
      const devices = listOf(input, name).map((text) => parseThrottle(name, text));
      if (devices.length > 0) host[member] = devices;
    }
  },
};

/** "/dev/sda:1mb", "/dev/sda:1000" */
function parseThrottle(name: string, text: string): ThrottleDevice {
  const [Path, rate] = splitDevice(name, text);
  const Rate = isBytes(name) ? parseBytes(rate) : /^\d+$/.test(rate) ? Number(rate) : undefined;
  if (Rate !== undefined && Rate >= 0) return { Path, Rate };
  const unit = isBytes(name)
    ? "<device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb"
    : "<device-path>:<number>. Number must be a positive integer";
  throw badFlag(name, text, `invalid rate for device: ${text}. The correct format is ${unit}`);
}

/** "/dev/sda:500" */
function parseWeight(text: string): WeightDevice {
  const [Path, weight] = splitDevice("blkio-weight-device", text);
  const Weight = /^\d+$/.test(weight) ? Number(weight) : Number.NaN;
  if (Weight === 0 || (Weight >= 10 && Weight <= 1000)) return { Path, Weight };
  throw badFlag("blkio-weight-device", text, `invalid weight for device: ${text}`);
}

function splitDevice(name: string, text: string): [path: string, value: string] {
  const [path = "", value, ...more] = text.split(":");
  if (!path || value === undefined || more.length > 0) throw badFlag(name, text, `bad format: ${text}`);
  if (!path.startsWith("/dev/")) throw badFlag(name, text, `bad format for device path: ${text}`);
  return [path, value];
}
