/**
 * All files of a project as one document: those that are given, those that they include, each with its own directory and variables, and
 * what their services extend (Compose Specification, merge, include, extends).
 */

import { dirname, isAbsolute, relative, resolve } from "node:path";
import { EngineError } from "../../errors.ts";
import { Artifacts } from "../artifact/artifacts.ts";
import { readDotenv } from "../source/dotenv.ts";
import { isTree, type Path, placeIn, type SourceFile, setPlace, type Tree, tree, wrongAt } from "../source/places.ts";
import { readText } from "../source/reader.ts";
import { parseYaml } from "../source/yaml.ts";
import { interpolate } from "../values/interpolate.ts";
import { checkMembers, setDefaults } from "./defaults.ts";
import { applyResets, mappingOf, putOver } from "./document.ts";
import { Extender } from "./extends.ts";
import { resolveNames } from "./normalize.ts";
import { refuseRemote, requireInside, resolvePaths } from "./resolve-paths.ts";
import type { FilesOptions, Surroundings } from "./surroundings.ts";

/** A project of more files than this is a mistake, or meant to fill the memory. */
const mostFiles = 1000;

/** The key under which a secret's or config's value from a variable travels with it. */
export const valueKey = "x-#value";

export class Files {
  readonly #options: FilesOptions;
  readonly #extender: Extender;
  #count = 0;

  constructor(options: FilesOptions) {
    this.#options = options;
    this.#extender = new Extender({ ...options, read: (path, what) => this.#read(path, what) });
  }

  /** @throws EngineError, located where it is about a file's text */
  async load(files: readonly SourceFile[], around: Surroundings): Promise<Tree> {
    let model = tree();
    for (const file of files) model = await this.#add(model, file, around);
    setDefaults(model);
    checkMembers(model);
    const { home, withoutPathResolution } = this.#options;
    if (!withoutPathResolution || around.chain.length > 0) resolvePaths(model, { directory: around.base, home });
    takeValues(model, around.environment);
    return model;
  }

  async #add(before: Tree, file: SourceFile, around: Surroundings): Promise<Tree> {
    const { warn, withoutInterpolation } = this.#options;
    let model = before;
    const place = file.within ? { ...around, within: file.within, directory: file.within } : around;
    for (const document of await parseYaml(file)) {
      const own = mappingOf(document, file);
      if (!withoutInterpolation) interpolate(own, { lookup: (name) => around.environment[name], warn });
      await this.#extender.apply(own, document.resets, file, place);
      applyResets(model, document.resets);
      await this.#include(own, { ...place, chain: [...around.chain, file.name] });
      model = putOver(model, file.within ? this.#confined(own, file) : own, file, { lenient: withoutInterpolation, warn });
    }
    return model;
  }

  /** A document with its paths inside of what it came with. @throws EngineError `compose`, located, for one that leads out */
  #confined(own: Tree, file: SourceFile): Tree {
    const { home, warn, withoutInterpolation } = this.#options;
    const whole = putOver(tree(), own, file, { lenient: withoutInterpolation, warn, unchecked: true });
    resolvePaths(whole, { directory: file.within!, home, within: file.within! });
    return whole;
  }

  async #include(model: Tree, around: Surroundings): Promise<void> {
    const { include } = model;
    if (include === null) delete model["include"];
    if (include === undefined || include === null) return;
    if (!Array.isArray(include)) throw wrongAt(model, ["include"], "must be a list");
    for (const index of include.keys()) await this.#includeOne(model, ["include", String(index)], include[index], around);
    delete model["include"];
  }

  async #includeOne(model: Tree, at: Path, entry: unknown, around: Surroundings): Promise<void> {
    const { env_file: envFile, path, project_directory: given } = isTree(entry) ? entry : tree([["path", entry]]);
    const names = [path].flat().filter((each) => typeof each === "string");
    if (names.length === 0) throw wrongAt(model, at, "it has no path");
    for (const name of [given ?? [], envFile ?? []].flat())
      requireInside(model, at, resolve(around.directory, String(name)), around.within);
    const files = await located(model, at, () => Promise.all(names.map((name) => this.#included(name, model, at, around))));
    const { name: first } = files[0]!;
    if (around.chain.includes(first))
      throw wrongAt(model, at, `the files include each other in a circle: ${[...around.chain, first].join(" -> ")}`);
    const directory = typeof given === "string" && given ? resolve(around.directory, given) : dirname(first);
    const own = await located(model, at, () => this.#environment(envFile, directory, around));
    const base = typeof given === "string" && isAbsolute(given) ? given : relative(around.directory, directory) || ".";
    const environment = { ...own, ...around.environment };
    importInto(model, await this.load(files, { directory, base, environment, chain: around.chain }), at);
  }

  async #included(name: string, model: Tree, at: Path, around: Surroundings): Promise<SourceFile> {
    if (Artifacts.accepts(name)) return this.#options.artifacts.open(name);
    refuseRemote(model, at, name);
    const path = resolve(around.directory, name);
    requireInside(model, at, path, around.within);
    const file = await this.#read(path, "included file");
    return around.within ? { ...file, within: around.within } : file;
  }

  /** Variables of the included files' own `.env`, or of those that the entry names. */
  async #environment(given: unknown, directory: string, around: Surroundings): Promise<Record<string, string>> {
    const { reader, warn } = this.#options;
    const named = [given ?? []].flat().map((name) => resolve(around.directory, String(name)));
    const usual = resolve(directory, ".env");
    const paths = named.length > 0 ? named : (await reader.kind(usual)) === "file" ? [usual] : [];
    const read = new Map<string, string>();
    for (const path of paths) {
      readDotenv(await readText(reader, path, "file of variables"), read, { lookup: (name) => around.environment[name], warn });
    }
    return Object.fromEntries(read);
  }

  async #read(path: string, what: string): Promise<SourceFile> {
    if (++this.#count > mostFiles) throw new EngineError("compose", `cannot read "${path}": the project has more than ${mostFiles} files`);
    return readText(this.#options.reader, path, what);
  }
}

/** Errors about a file as a whole are shown where it is named. */
async function located<Value>(model: Tree, at: Path, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EngineError) || error.location) throw error;
    throw wrongAt(model, at, error.message, { cause: error });
  }
}

function importInto(model: Tree, imported: Tree, at: Path): void {
  for (const section of ["services", "volumes", "networks", "secrets", "configs", "models"]) {
    const from = imported[section];
    if (!isTree(from)) continue;
    const to = isTree(model[section]) ? model[section] : tree();
    for (const name of Object.keys(from)) {
      if (name in to && !process.getBuiltinModule("node:util").isDeepStrictEqual(to[name], from[name]))
        throw wrongAt(model, at, `${section}.${name} is there already, and differs`, {
          hint: "override an included element in a file of its own",
        });
      if (!(name in to)) setPlace(to, name, placeIn(from, name));
      to[name] ??= from[name];
    }
    model[section] = to;
  }
}

/** Values that come from variables of these files' surroundings. */
function takeValues(model: Tree, environment: Surroundings["environment"]): void {
  const membersOf = (section: string) => (isTree(model[section]) ? Object.values(model[section]).filter(isTree) : []);
  for (const service of membersOf("services"))
    if (Array.isArray(service["environment"]))
      service["environment"] = resolveNames(service["environment"], (name) => environment[name], true);
  for (const object of [...membersOf("secrets"), ...membersOf("configs")]) {
    const value = typeof object["environment"] === "string" ? environment[object["environment"]] : undefined;
    if (value !== undefined) object[valueKey] = value;
  }
}
