/** `extends`: a service on top of another one, of the same file or of another (Compose Specification, extends). */
import { dirname, relative, resolve } from "node:path";
import { EngineError } from "../../errors.ts";
import { nearestName } from "../../suggest.ts";
import { Artifacts } from "../artifact/artifacts.ts";
import { cloneValue, isTree, type Path, type SourceFile, type Tree, tree, wrongAt } from "../source/places.ts";
import { parseYaml } from "../source/yaml.ts";
import { interpolate } from "../values/interpolate.ts";
import { applyResets, mappingOf, putOver } from "./document.ts";
import { mergeService } from "./merge.ts";
import { refuseRemote, requireInside, resolvePaths } from "./resolve-paths.ts";
import type { FilesOptions, Surroundings } from "./surroundings.ts";

/** Services of a file, and what else it takes to extend one. */
interface Family {
  /** The document, for places. */
  root: Tree;
  services: Tree;
  resets: readonly Path[];
  file: string;
  /** See SourceFile. */
  within?: string | undefined;
}

interface ExtenderOptions extends FilesOptions {
  read(path: string, what: string): Promise<SourceFile>;
}

export class Extender {
  readonly #options: ExtenderOptions;

  constructor(options: ExtenderOptions) {
    this.#options = options;
  }

  /** Puts every service of a document on top of what it extends. @throws EngineError `compose`, located */
  async apply(root: Tree, resets: readonly Path[], { name: file }: SourceFile, around: Surroundings): Promise<void> {
    const { services } = root;
    if (services === undefined || services === null) return;
    if (!isTree(services)) throw wrongAt(root, ["services"], "must be a mapping");
    const family = { root, services, resets, file, within: around.within };
    const run = new Run(this.#options, around);
    for (const name of Object.keys(services)) services[name] = await run.extended(name, family, []);
  }
}

/** The services of one document: each other file is read once. */
class Run {
  readonly #options: ExtenderOptions;
  readonly #around: Surroundings;
  readonly #families = new Map<string, Promise<Family>>();

  constructor(options: ExtenderOptions, around: Surroundings) {
    this.#options = options;
    this.#around = around;
  }

  /** @param chain the services that are being extended, as "NAME in FILE" */
  async extended(name: string, family: Family, chain: readonly string[]): Promise<unknown> {
    const { resets, root, services } = family;
    const service = services[name];
    if (service === null) return null;
    if (!isTree(service)) throw wrongAt(root, ["services", name], "must be a mapping");
    const { extends: target } = service;
    if (target === undefined) return service;
    const link = `${name} in ${family.file}`;
    if (chain.includes(link))
      throw wrongAt(root, ["services", name, "extends"], `services extend each other in a circle: ${[...chain, link].join(" -> ")}`);
    const base = await this.#baseOf(name, target, family, [...chain, link]);
    if (!isTree(base)) return service;
    const under = cloneValue(base);
    applyResets(tree([["services", tree([[name, under]])]]), resets);
    const merged = mergeService(under, service, ["services", name], root);
    delete merged["extends"];
    services[name] = merged;
    return merged;
  }

  async #baseOf(name: string, target: unknown, family: Family, chain: readonly string[]): Promise<unknown> {
    const at = ["services", name, "extends"];
    const { file, service } = isTree(target) ? target : { service: target, file: undefined };
    if (typeof service !== "string") throw wrongAt(family.root, at, '"service" is missing');
    const other = typeof file === "string" ? await this.#family(file, family, at) : family;
    if (!(service in other.services)) {
      const where = other === family ? "" : ` in "${other.file}"`;
      throw wrongAt(family.root, at, `there is no service "${service}"${where}`, {
        suggestion: nearestName(service, Object.keys(other.services)),
      });
    }
    return this.extended(service, other, chain);
  }

  #family(name: string, from: Family, at: Path): Promise<Family> {
    const isArtifact = Artifacts.accepts(name);
    const path = isArtifact ? name : resolve(this.#around.directory, name);
    if (!isArtifact) {
      refuseRemote(from.root, at, name);
      requireInside(from.root, at, path, from.within);
    }
    const found = this.#families.get(path) ?? this.#load(path, from, at);
    this.#families.set(path, found);
    return found;
  }

  async #load(path: string, from: Family, at: Path): Promise<Family> {
    const { home, warn, withoutInterpolation } = this.#options;
    const file = await this.#read(path, from, at);
    let root = tree();
    const resets: Path[] = [];
    for (const document of await parseYaml(file)) {
      const own = mappingOf(document, file);
      if (!withoutInterpolation) interpolate(own, { lookup: (name) => this.#around.environment[name], warn });
      root = putOver(root, own, file, { lenient: withoutInterpolation, warn, unchecked: true });
      resets.push(...document.resets);
    }
    if (!isTree(root["services"])) throw wrongAt(from.root, at, `"${path}" has no services`);
    const { name, within } = file;
    resolvePaths(root, { directory: within ?? (relative(this.#around.directory, dirname(name)) || "."), home, within });
    return { root, services: root["services"], resets, file: name, within };
  }

  async #read(path: string, from: Family, at: Path): Promise<SourceFile> {
    try {
      if (Artifacts.accepts(path)) return await this.#options.artifacts.open(path);
      const file = await this.#options.read(path, "file");
      return from.within ? { ...file, within: from.within } : file;
    } catch (error) {
      if (!(error instanceof EngineError) || error.location) throw error;
      throw wrongAt(from.root, at, error.message, { cause: error });
    }
  }
}
