/**
 * JSON data as docker's Go types: which objects are maps and which are structs, and what a null stands for. Templates show
 * the difference: `{{.}}` of a struct is `{a b}` and of a map `map[k:v]`, a nil slice is `[]`, and a struct's field
 * goes by its Go name (`HostIP`, `APIVersion`) as well as by its JSON name (`HostIp`, `ApiVersion`). Pure.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** Members that are maps in docker's types; every other object is a struct. */
const maps = words(
  "Annotations Attributes AuxiliaryAddresses Containers Data Details DriverOpts ExposedPorts IndexConfigs Labels LogOpts Networks Options PortBindings Ports Runtimes Status Sysctls Tmpfs Volumes Extensions",
);

/** Members whose null is a nil slice. */
const slices = words(
  "Aliases Args Authorization Binds BlkioDeviceReadBps BlkioDeviceReadIOps BlkioDeviceWriteBps BlkioDeviceWriteIOps BlkioWeightDevice CapAdd CapDrop Cmd DNSNames DeviceCgroupRules DeviceRequests Devices Dns DnsOptions DnsSearch Entrypoint Env ExecIDs ExtraHosts GenericResources GroupAdd Links Log Mounts OnBuild RepoDigests RepoTags SecondaryIPAddresses SecondaryIPv6Addresses SecurityOpt Shell Ulimits VolumesFrom Warnings",
);

const structs = new WeakSet<object>();

/** An object whose members have places of their own, as against a map. */
export function isStruct(value: object): boolean {
  return structs.has(value);
}

/** Printed as null by `json`, though it is empty for everything else. */
const nil = <T extends object>(value: T): T => Object.defineProperty(value, "toJSON", { value: () => null });

/** @param name of the member that holds it; "" inside a map or a list */
export function asGo(value: unknown, name = ""): unknown {
  if (value === null) return slices.has(name) ? nil([]) : maps.has(name) ? nil({}) : null;
  if (Array.isArray(value)) return value.map((item) => asGo(item));
  if (typeof value !== "object") return value;
  const isMap = maps.has(name) && !Array.isArray(value);
  const names = isMap ? Object.keys(value).sort() : Object.keys(value);
  const members = value as Record<string, unknown>;
  const copy = Object.fromEntries(names.map((key) => [key, asGo(members[key], isMap ? "" : key)]));
  if (!isMap) structs.add(copy);
  return copy;
}

/** The value of a struct's field under its other name: the only one that differs in the case of its letters alone. */
export function fieldByOtherCase(value: Record<string, unknown>, name: string): unknown {
  const same = Object.keys(value).filter((key) => key.toLowerCase() === name.toLowerCase());
  return same.length === 1 ? value[same[0]!] : undefined;
}
