/** Flags about mounts: `-v`, `--mount`, `--tmpfs`, `--volumes-from`. */
import { resolve } from "node:path";
import type { Mount } from "../../../../engine/index.ts";
import { nearest } from "../../../../engine/suggest.ts";
import { parseBytes } from "../../../format/size.ts";
import { listOf, splitPair, textOf } from "../../flag-values.ts";
import { badFlag, type FlagGroup, splitCsv } from "./draft.ts";

export const mounts: FlagGroup = {
  flags: [
    { name: "volume", short: "v", type: "list", placeholder: "[SOURCE:]TARGET[:OPTIONS]", help: "Bind mount a path or mount a volume" },
    {
      name: "mount",
      type: "list",
      placeholder: "type=TYPE,source=…,target=…",
      help: "Attach a file system mount (bind, volume, tmpfs, image)",
    },
    { name: "tmpfs", type: "list", placeholder: "TARGET[:OPTIONS]", help: "Mount a tmpfs directory" },
    {
      name: "volumes-from",
      type: "list",
      placeholder: "CONTAINER[:ro]",
      subject: "container",
      help: "Mount the volumes of another container",
    },
    { name: "volume-driver", type: "string", hidden: true, help: "Volume driver of named volumes" },
  ],
  apply(input, { create, host, cwd }) {
    const anonymous: Record<string, object> = {};
    const binds: string[] = [];
    for (const word of new Set(listOf(input, "volume"))) {
      const bind = parseVolume(word, cwd);
      if (bind.source === undefined) anonymous[bind.target] = {};
      else binds.push(bind.text);
    }
    if (Object.keys(anonymous).length > 0) create.Volumes = anonymous;
    if (binds.length > 0) host.Binds = binds;
    const specs = listOf(input, "mount").map((word) => parseMount(word, cwd));
    if (specs.length > 0) host.Mounts = specs;
    checkDriver("volume-driver", textOf(input, "volume-driver") ?? "", textOf(input, "volume-driver") ?? "");
    const tmpfs = listOf(input, "tmpfs").map((word) => word.split(/:(.*)/s) as [string, string?]);
    for (const [target, options = ""] of tmpfs) checkTmpfs(options, `${target}:${options}`);
    if (tmpfs.length > 0)
      host.Tmpfs = Object.fromEntries(tmpfs.map(([target, options]) => [absolute("tmpfs", target, target), options ?? ""]));
    const from = listOf(input, "volumes-from");
    if (from.includes("")) throw badFlag("volumes-from", "", "names no container");
    const wrong = from.find((word) => !isModes(word.split(":")[1] ?? "rw", inheritable));
    if (wrong !== undefined) throw badFlag("volumes-from", wrong, `invalid mode: ${wrong.split(":")[1]}`);
    if (from.length > 0) host.VolumesFrom = from;
  },
};

/** The modes of `-v`: at most one of each kind. */
const kinds: Record<string, readonly string[]> = {
  access: ["ro", "rw"],
  label: ["z", "Z"],
  copy: ["nocopy"],
  propagation: ["shared", "rshared", "slave", "rslave", "private", "rprivate"],
  consistency: ["consistent", "cached", "delegated"],
  binding: ["bind", "rbind"],
};
const modes = new Set(Object.values(kinds).flat());

/** One `-v` value; a relative source starting with "." is taken from `cwd`, any other name is a volume's. */
export function parseVolume(text: string, cwd: string): { source?: string; target: string; text: string } {
  const [first = "", second, options, ...more] = text.split(":");
  if (more.length > 0 || first === "") throw badFlag("volume", text, "must be [SOURCE:]TARGET[:OPTIONS]");
  if (second === undefined || (options === undefined && isModes(second))) {
    if (second !== undefined) throw badFlag("volume", text, "has options but no source: must be SOURCE:TARGET:OPTIONS");
    return { target: absolute("volume", first, text), text };
  }
  checkModes((options ?? "").split(",").filter(Boolean), text);
  const source = first === "~" || first.startsWith(".") ? resolve(cwd, first) : first;
  if (!source.startsWith("/") && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(source)) {
    throw badFlag(
      "volume",
      text,
      `"${source}" includes invalid characters for a volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed; for a host directory use an absolute path`,
    );
  }
  absolute("volume", second, text);
  checkFitting((options ?? "").split(","), source.startsWith("/"), text);
  return { source, target: second, text: [source, second, ...(options ? [options] : [])].join(":") };
}

function checkModes(words: readonly string[], text: string): void {
  const wrong = words.find((word) => !modes.has(word));
  if (wrong !== undefined) throw badFlag("volume", text, `invalid mode: ${wrong}`, nearest(wrong, modes));
  if (Object.values(kinds).some((kind) => words.filter((word) => kind.includes(word)).length > 1))
    throw badFlag("volume", text, `invalid mode: ${words.join(",")}`);
}

/** Some modes are for paths of the host only, one for volumes only. */
function checkFitting(words: readonly string[], isBind: boolean, text: string): void {
  const propagation = words.find((word) => kinds["propagation"]?.includes(word));
  if (!isBind && propagation) throw badFlag("volume", text, `a volume has no propagation: ${propagation}`);
  if (isBind && words.includes("nocopy")) throw badFlag("volume", text, "nothing is copied into a bind mount: nocopy");
}

/** mount(8) options that docker lets through, beside `key=value` ones. */
const tmpfsFlags = new Set(
  "defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave relatime norelatime strictatime nostrictatime".split(
    " ",
  ),
);
const tmpfsKeys = new Set(["size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"]);

function checkTmpfs(options: string, text: string): void {
  const wrong = options.split(",").find((word) => word && !(word.includes("=") ? tmpfsKeys.has(splitPair(word)[0]) : tmpfsFlags.has(word)));
  if (wrong !== undefined) throw badFlag("tmpfs", text, `invalid tmpfs option [${JSON.stringify(wrong)}]`);
}

function checkDriver(flag: string, driver: string, text: string): void {
  if (driver !== "" && driver !== "local")
    throw badFlag(flag, text, `error looking up volume plugin ${driver}: plugin ${JSON.stringify(driver)} not found`);
}

/** What --volumes-from takes: copying and propagation are as they were asked for first. */
const inheritable = new Set(["access", "label", "consistency"].flatMap((kind) => kinds[kind]!));

function isModes(text: string, known: ReadonlySet<string> = modes): boolean {
  return text.split(",").every((mode) => known.has(mode));
}

function absolute(flag: string, path: string, text: string): string {
  if (!path.startsWith("/")) throw badFlag(flag, text, `mount path must be absolute: "${path}"`);
  if (resolve(path) === "/") throw badFlag(flag, text, "destination cannot be '/'");
  return path;
}

type Setter = (mount: Mount, value: string, text: string, cwd: string) => void;

/** Keys that need no value; values have been checked. */
const switches = new Set(["readonly", "bind-nonrecursive", "bind-create-src", "volume-nocopy"]);
const yes = (value: string) => /^(1|t|true)$/i.test(value);

/** `bind-recursive`: what is mounted below the source comes along, or not, or stays writable, or must be read-only too. */
const recursions: Record<string, Mount["BindOptions"]> = {
  enabled: {},
  disabled: { NonRecursive: true },
  writable: { ReadOnlyNonRecursive: true },
  readonly: { ReadOnlyForceRecursive: true },
};

/** docker's conditions of two of them. */
function checkRecursion({ ReadOnly, BindOptions = {} }: Mount, text: string): void {
  const { ReadOnlyNonRecursive, ReadOnlyForceRecursive, Propagation = "" } = BindOptions;
  const word = ReadOnlyNonRecursive ? "writable" : ReadOnlyForceRecursive ? "readonly" : undefined;
  if (word === undefined) return;
  const needs = (what: string) =>
    badFlag("mount", text, `option 'bind-recursive=${word}' requires '${what}' to be specified in conjunction`);
  if (!ReadOnly) throw needs("readonly");
  if (ReadOnlyForceRecursive && Propagation !== "rprivate") throw needs("bind-propagation=rprivate");
}

/** The keys of `--mount`; docker's names and synonyms. */
const setters: Record<string, Setter> = {
  type: (mount, value, text) => {
    if (value !== "bind" && value !== "volume" && value !== "tmpfs" && value !== "image")
      throw badFlag("mount", text, `type must be bind, volume, tmpfs or image, not "${value}"`);
    mount.Type = value;
  },
  source: (mount, value, _text, cwd) => {
    mount.Source = value.startsWith(".") ? resolve(cwd, value) : value;
  },
  target: (mount, value, text) => {
    mount.Target = absolute("mount", value, text);
  },
  readonly: (mount, value) => {
    mount.ReadOnly = yes(value);
  },
  "bind-propagation": (mount, value, text) => {
    if (!/^r?(private|shared|slave)$/.test(value)) throw badFlag("mount", text, `invalid propagation "${value}"`);
    mount.BindOptions = { ...mount.BindOptions, Propagation: value };
  },
  "bind-nonrecursive": (mount, value) => {
    mount.BindOptions = { ...mount.BindOptions, NonRecursive: yes(value) };
  },
  "bind-recursive": (mount, value, text) => {
    const choice = recursions[value];
    if (!choice)
      throw badFlag("mount", text, `invalid value for bind-recursive: ${value} (must be "enabled", "disabled", "writable", or "readonly")`);
    mount.BindOptions = { ...mount.BindOptions, ...choice };
  },
  "bind-create-src": (mount, value) => {
    mount.BindOptions = { ...mount.BindOptions, CreateMountpoint: yes(value) };
  },
  "volume-nocopy": (mount, value) => {
    mount.VolumeOptions = { ...mount.VolumeOptions, NoCopy: yes(value) };
  },
  "volume-subpath": (mount, value) => {
    mount.VolumeOptions = { ...mount.VolumeOptions, Subpath: value };
  },
  "volume-label": (mount, value) => {
    const [key, text] = splitPair(value);
    mount.VolumeOptions = { ...mount.VolumeOptions, Labels: { ...mount.VolumeOptions?.Labels, [key]: text } };
  },
  "volume-driver": (mount, value, text) => {
    checkDriver("mount", value, text);
    mount.VolumeOptions = { ...mount.VolumeOptions, DriverConfig: { ...mount.VolumeOptions?.DriverConfig, Name: value } };
  },
  "volume-opt": (mount, value) => {
    const [key, text] = splitPair(value);
    const driver = mount.VolumeOptions?.DriverConfig;
    mount.VolumeOptions = { ...mount.VolumeOptions, DriverConfig: { ...driver, Options: { ...driver?.Options, [key]: text } } };
  },
  consistency: (mount, value) => {
    mount.Consistency = value; // Docker Desktop's (cached, delegated): means nothing on Linux, and lines are shared
  },
  "image-subpath": (mount, value) => {
    mount.ImageOptions = { Subpath: value };
  },
  "tmpfs-size": (mount, value, text) => {
    const SizeBytes = parseBytes(value);
    if (SizeBytes === undefined) throw badFlag("mount", text, `invalid value for tmpfs-size: ${value}`);
    mount.TmpfsOptions = { ...mount.TmpfsOptions, SizeBytes };
  },
  "tmpfs-mode": (mount, value, text) => {
    if (!/^[0-7]{1,4}$/.test(value)) throw badFlag("mount", text, `invalid value for tmpfs-mode: ${value}`);
    mount.TmpfsOptions = { ...mount.TmpfsOptions, Mode: Number.parseInt(value, 8) };
  },
};

const synonyms: Record<string, string> = { src: "source", destination: "target", dst: "target", ro: "readonly" };

/** One field of `--mount`; a switch alone is on. */
function fieldOf(field: string, text: string): { name: string; value: string } {
  const [key, value] = splitPair(field.trim());
  const name = synonyms[key.toLowerCase()] ?? key.toLowerCase();
  if (!field.includes("=")) {
    if (switches.has(name)) return { name, value: "true" };
    throw badFlag("mount", text, `invalid field '${field}' must be a key=value pair`);
  }
  if (!setters[name])
    throw badFlag(
      "mount",
      text,
      `unexpected key '${key}' in '${field}'`,
      nearest(name, [...Object.keys(setters), ...Object.keys(synonyms)]),
    );
  if (switches.has(name) && !/^(1|t|true|0|f|false)$/i.test(value)) throw badFlag("mount", text, `invalid value for ${key}: ${value}`);
  return { name, value };
}

/** One `--mount` value: comma-separated `key=value`, quoted as CSV where a value holds a comma. */
export function parseMount(text: string, cwd: string): Mount {
  const mount: Mount = { Type: "volume", Target: "" };
  const mixed = new Set<string>();
  for (const field of splitCsv(text)) {
    const { name, value } = fieldOf(field, text);
    const [family = ""] = name.split("-");
    if (name.includes("-")) mixed.add(family);
    setters[name]?.(mount, value, text, cwd);
  }
  const stranger = [...mixed].find((family) => family !== mount.Type);
  if (stranger) throw badFlag("mount", text, `cannot mix '${stranger}-*' options with mount type '${mount.Type}'`);
  if (mount.Target === "") throw badFlag("mount", text, "target is required");
  if (["bind", "image"].includes(mount.Type) && !mount.Source)
    throw badFlag("mount", text, `source is required for ${mount.Type === "bind" ? "a bind" : "an image"} mount`);
  if (mount.Type === "bind" && !mount.Source!.startsWith("/"))
    throw badFlag("mount", text, "the source of a bind mount must be an absolute path");
  checkRecursion(mount, text);
  if (mount.Type === "tmpfs" && mount.Source) throw badFlag("mount", text, "a tmpfs mount has no source");
  return mount;
}
