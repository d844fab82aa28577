/** `--device`: nodes of the host's devices inside a container; all of them for a privileged one. */
import { readdirSync, statSync } from "node:fs";
import type { HostConfig } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { OciDevice } from "./oci.ts";

const S_IFMT = 0o170000;
const S_IFCHR = 0o020000;
const S_IFBLK = 0o060000;

/** Of all the host's: made by the runtime in every container, or of another file system. */
const skipped = new Set([
  "pts",
  "shm",
  "fd",
  "mqueue",
  "console",
  "null",
  "zero",
  "full",
  "random",
  "urandom",
  "tty",
  "ptmx",
  "stdin",
  "stdout",
  "stderr",
  ".lxc",
  ".lxd-mounts",
  ".udev",
]);

/** @throws EngineError `invalid` for what is no device */
export function planDevices(host: HostConfig): { node: OciDevice; access: string }[] {
  const asked = (host.Devices ?? []).flatMap(({ PathOnHost, PathInContainer, CgroupPermissions }) =>
    devicesAt(PathOnHost, PathInContainer || PathOnHost).map((node) => ({ node, access: CgroupPermissions || "rwm" })),
  );
  if (!host.Privileged) return asked;
  return [...devicesBelow("/dev", "/dev", skipped).map((node) => ({ node, access: "rwm" })), ...asked];
}

function devicesAt(path: string, inside: string): OciDevice[] {
  const found = statSync(path, { throwIfNoEntry: false });
  const nodes = found?.isDirectory() ? devicesBelow(path, inside) : [found && toDevice(path, inside)].filter((node) => node !== undefined);
  if (nodes.length === 0)
    throw new EngineError(
      "invalid",
      `error gathering device information while adding custom device "${path}": ${found ? "not a device node" : "no such file or directory"}`,
      { exit: found ? 125 : 127 }, // as docker's client, which takes every "no such file" for the command's
    );
  return nodes;
}

function devicesBelow(directory: string, inside: string, without?: ReadonlySet<string>): OciDevice[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (without?.has(entry.name)) return [];
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) return devicesBelow(path, `${inside}/${entry.name}`, without);
    const node = entry.isSymbolicLink() ? undefined : toDevice(path, `${inside}/${entry.name}`);
    return node ? [node] : [];
  });
}

function toDevice(path: string, inside: string): OciDevice | undefined {
  const { mode, rdev, uid, gid } = statSync(path);
  const kind = mode & S_IFMT;
  if (kind !== S_IFCHR && kind !== S_IFBLK) return undefined;
  return { path: inside, type: kind === S_IFCHR ? "c" : "b", ...deviceNumbers(rdev), fileMode: mode & 0o777, uid, gid };
}

/** <linux/kdev_t.h>, new_decode_dev */
export function deviceNumbers(rdev: number): { major: number; minor: number } {
  return { major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) };
}
