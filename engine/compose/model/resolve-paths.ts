/** Relative paths of the host start at the directory of the file that they stand in. Pure but for links that watched paths lead over. */
import { isTree, type Path, type Tree, wrongAt } from "../source/places.ts";
import { below, type Rules, rules } from "../source/rules.ts";
import { clean, expandHome, join } from "../values/paths.ts";

interface PathBase {
  /** May be relative, to be resolved once more where the file is included. */
  directory: string;
  home: string | undefined;
  /** The directory that none may lead out of; see SourceFile. */
  within?: string | undefined;
}

interface Here extends PathBase {
  /** @throws EngineError where a path is not allowed here */
  allow(path: string): string;
}

type Resolve = (value: unknown, base: Here) => unknown;

const hostPath: Resolve = (value, { directory, home, allow }) => {
  if (typeof value !== "string" || value === "") return value;
  const expanded = expandHome(value, home);
  return allow(isAbsolute(expanded) ? expanded : join(directory, expanded));
};

/** A path of the other kind of system stays as it is. */
const anyPath: Resolve = (value, base) => (value === "" ? join(base.directory, "") : hostPath(value, base));

/** Directories, and whatever else a builder fetches by itself. */
const context: Resolve = (value, base) => (typeof value === "string" && isRemote(value) ? value : hostPath(value, base));

function isRemote(text: string): boolean {
  return text.includes("://") || text.startsWith("service:") || /^(github\.com\/|git@)/.test(text);
}

/** @throws EngineError `compose`, located, for a compose file in a Git repository */
export function refuseRemote(root: Tree, at: Path, file: string): void {
  if (!isRemote(file)) return;
  const text = `"${file}" is not on this host: files of Git repositories are not supported`;
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
  const allow = (file: string) => {
    requireInside(root, path, file, base.within);
    return file;
  };
  return resolve(value, { ...base, allow });
}

/** What came from a registry reads and mounts nothing of this host. @throws EngineError `compose`, located */
export function requireInside(root: Tree, at: Path, path: string, within: string | undefined): void {
  if (within === undefined || `${clean(path)}/`.startsWith(`${within}/`)) return;
  throw wrongAt(root, at, `"${path}" leads out of the project, which came from a registry`, {
    hint: "if you want it so, say it in a file of your own, and name that after the project: -f oci://… -f FILE",
  });
}

function bindSource(value: unknown, base: Here): unknown {
  if (isTree(value) && value["type"] === "bind") value["source"] = anyPath(value["source"], base);
  return value;
}

/** A volume of the driver "local" that is a bind mount in fact. */
function boundVolume(value: unknown, base: Here): unknown {
  const options = isTree(value) && value["driver"] === "local" ? value["driver_opts"] : undefined;
  if (isTree(options) && options["o"] === "bind" && "device" in options) options["device"] = anyPath(options["device"], base);
  return value;
}
