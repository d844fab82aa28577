/**
 * Image configs as bytes. The id of an image is the digest of these bytes, so their order is fixed: members in the order
 * BuildKit writes them, absent ones left out. Pure.
 */
import { sortKeys } from "../../state/sorted.ts";
import type { ImageConfig } from "../types.ts";

const members = ["architecture", "author", "comment", "config", "created", "history", "os", "os.version", "rootfs", "variant"];
const configMembers = [
  "Hostname",
  "Domainname",
  "User",
  "AttachStdin",
  "AttachStdout",
  "AttachStderr",
  "ExposedPorts",
  "Tty",
  "OpenStdin",
  "StdinOnce",
  "Env",
  "Cmd",
  "Healthcheck",
  "ArgsEscaped",
  "Image",
  "Volumes",
  "WorkingDir",
  "Entrypoint",
  "OnBuild",
  "Labels",
  "StopSignal",
  "StopTimeout",
  "Shell",
];

/** Members in a fixed order, unknown ones after them by name; undefined ones are left out by JSON. */
function ordered<T extends object>(value: T, names: readonly string[]): Record<string, unknown> {
  const source = value as Record<string, unknown>;
  const rest = Object.keys(source)
    .filter((name) => !names.includes(name))
    .sort();
  return Object.fromEntries([...names, ...rest].filter((name) => source[name] !== undefined).map((name) => [name, source[name]]));
}

/** Maps (labels, ports, volumes) have no order: sorted, as Go writes them. */
function sortedMaps(config: NonNullable<ImageConfig["config"]>): NonNullable<ImageConfig["config"]> {
  const sort = <T>(map: Record<string, T> | undefined) => map && sortKeys(map);
  return { ...config, ExposedPorts: sort(config.ExposedPorts), Volumes: sort(config.Volumes), Labels: sort(config.Labels) };
}

/** The bytes of a config. */
export function encodeConfig(config: ImageConfig): string {
  const inner = config.config && ordered(sortedMaps(config.config), configMembers);
  const history = config.history?.map((entry) => ordered(entry, ["created", "created_by", "author", "comment", "empty_layer"]));
  return JSON.stringify(ordered({ ...config, ...(inner && { config: inner }), ...(history && { history }) }, members));
}
