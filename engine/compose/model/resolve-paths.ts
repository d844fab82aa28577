/** Relative paths of the host start at the directory of the file that they stand in. Pure but for links that watched paths lead over. */
import { isTree, type Path, type Tree, wrongAt } from "../source/places.ts";
import { below, type Rules, rules } from "../source/rules.ts";
import { expandHome, join } from "../values/paths.ts";

interface PathBase {
  /** May be relative, to be resolved once more where the file is included. */
  directory: string;
  home: string | undefined;
}

type Resolve = (value: unknown, base: PathBase) => unknown;

const hostPath: Resolve = (value, { directory, home }) => {
  if (typeof value !== "string" || value === "") return value;
  const expanded = expandHome(value, home);
  return isAbsolute(expanded) ? expanded : join(directory, expanded);
};

/** A path of the other kind of system stays as it is. */
const anyPath: Resolve = (value, base) => (value === "" ? join(base.directory, "") : hostPath(value, base));

/** Directories, and whatever else a builder fetches by itself. */
const context: Resolve = (value, base) => (typeof value === "string" && isRemote(value) ? value : hostPath(value, base));

function isRemote(text: string): boolean {
  return text.includes("://") || text.startsWith("service:") || /^(github\.com\/|git@)/.test(text);
}

/** Compose files are this host's. @throws EngineError `compose`, located, for one in a Git repository or a registry */
export function refuseRemote(root: Tree, at: Path, file: string): void {
  if (!isRemote(file) && !file.startsWith("oci:")) return;
  const text = `"${file}" is not on this host: files of Git repositories and registries are not supported`;
  throw wrongAt(root, at, text, { hint: "fetch it, and name the file" });
}

function isAbsolute(text: string): boolean {
  return text.startsWith("/") || /^[A-Za-z]:[\\/]/.test(text) || text.startsWith("\\\\");
}

const resolvers: Rules<Resolve> = rules<Resolve>({
  "services.*.build.context": context,
  "services.*.build.additional_contexts.*": context,
  "services.*.build.ssh.*": anyPath,
  "services.*.env_file.*.path": hostPath,
  "services.*.label_file.*": hostPath,
  "services.*.extends.file": hostPath,
  "services.*.develop.watch.*.path": hostPath,
  "services.*.volumes.*": bindSource,
  "configs.*.file": anyPath,
  "secrets.*.file": anyPath,
  "volumes.*": boundVolume,
});

/** @throws EngineError `compose`, located, for a bind without a source */
export function resolvePaths(root: Tree, base: PathBase): void {
  walk(root, root, resolvers, [], base);
}

function walk(root: Tree, value: unknown, at: Rules<Resolve>, path: Path, base: PathBase): unknown {
  if (at.rule) return resolveAt(root, value, at.rule, path, base);
  if (typeof value !== "object" || value === null) return value;
  for (const name of Object.keys(value)) {
    const next = below(at, Array.isArray(value) ? "[]" : name);
    if (next) (value as Tree)[name] = walk(root, (value as Tree)[name], next, [...path, name], base);
  }
  return value;
}

function resolveAt(root: Tree, value: unknown, resolve: Resolve, path: Path, base: PathBase): unknown {
  if (isTree(value) && value["type"] === "bind" && !("source" in value) && path[0] === "services")
    throw wrongAt(root, path, "a bind needs a source");
  return resolve(value, base);
}

function bindSource(value: unknown, base: PathBase): unknown {
  if (isTree(value) && value["type"] === "bind") value["source"] = anyPath(value["source"], base);
  return value;
}

/** A volume of the driver "local" that is a bind mount in fact. */
function boundVolume(value: unknown, base: PathBase): unknown {
  const options = isTree(value) && value["driver"] === "local" ? value["driver_opts"] : undefined;
  if (isTree(options) && options["o"] === "bind" && "device" in options) options["device"] = anyPath(options["device"], base);
  return value;
}
