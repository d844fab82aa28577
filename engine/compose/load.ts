/** From what the user names to a project: see project.ts for what comes out, model/ for what happens on the way. */

import { isWished } from "../truth.ts";
import { Artifacts } from "./artifact/artifacts.ts";
import { discover, type Found } from "./discover.ts";
import { checkConsistency, checkContainerNames } from "./model/consistency.ts";
import { resolveEnvironments, resolveLabels } from "./model/file-values.ts";
import { Files, valueKey } from "./model/files.ts";
import { normalize } from "./model/normalize.ts";
import { giveDefaultPlatform } from "./model/platforms.ts";
import { readShape } from "./model/read-elements.ts";
import { withEnabled, withoutUnused, withProfiles, withSelected } from "./model/selection.ts";
import * as shape from "./model/shape.ts";
import { resolveWatched } from "./model/watched.ts";
import type { LoadOptions, Model, Project } from "./project.ts";
import { isTree, type Tree, wrong } from "./source/places.ts";

/** A merged document, and where it comes from. */
export interface Loaded {
  root: Tree;
  found: Found;
  values: Project["values"];
  warnings: string[];
  artifacts: Artifacts;
}

/** Reads and merges a project's files, and stops before anything is given a type: what `config --no-interpolate` prints. */
export async function loadDocument(options: LoadOptions): Promise<Loaded> {
  const warnings = new Set<string>();
  const warn = (text: string) => void warnings.add(text);
  const artifacts = new Artifacts(options, warn);
  const { reader } = artifacts;
  const found = await discover(options, reader, artifacts, warn);
  const root = await loadFiles(options, found, artifacts, warn);
  if (Object.keys(root).length === 0) throw wrong("empty compose file", { file: found.files[0]!, offset: 0 });
  if (!options.withoutNormalization) normalize(root, found.name, (name) => found.environment[name]);
  return { root, found, values: takeValues(root), warnings: [...warnings], artifacts };
}

function loadFiles(
  options: LoadOptions,
  { directory, environment, files }: Found,
  artifacts: Artifacts,
  warn: (text: string) => void,
): Promise<Tree> {
  const { env, withoutInterpolation = false, withoutPathResolution = false } = options;
  const all = new Files({ reader: artifacts.reader, artifacts, home: env["HOME"], withoutInterpolation, withoutPathResolution, warn });
  return all.load(files, { directory, base: directory, environment, chain: [] });
}

/** @throws EngineError `compose`, with file, line and column, for whatever is wrong in a file; `not-found` for a service or a file */
export async function loadProject(options: LoadOptions): Promise<Project> {
  const { found, root, values, warnings: noted, artifacts } = await loadDocument(options);
  const warnings = new Set(noted);
  const scope = { reader: artifacts.reader, directory: found.directory, root, warn: (text: string) => void warnings.add(text) };
  const { directory, environment, files, name, profiles } = found;
  const model = { ...(readShape(root, shape.project) as unknown as Model), name };
  const paths = files.map((file) => file.name);
  const isOld = options.compatibility || isWished(environment["COMPOSE_COMPATIBILITY"]);
  const fetched = files.filter(({ within }) => within !== undefined).map((file) => file.name);
  const more = {
    ...(fetched.length > 0 && { fetched }),
    ...(isOld && { separator: "_" as const }),
    ...(options.proxies && { proxies: options.proxies }),
  };
  const all: Project = { model, directory, files: paths, environment, profiles: [], disabled: {}, values, warnings: [], ...more };
  let project = withProfiles(all, profiles);
  if (!options.withoutConsistency) checkConsistency(project, root);
  if (!options.withoutPathResolution) await resolveWatched(project, scope.reader);
  await resolveLabels(project, scope);
  project = withSelected(withEnabled(project, options.services ?? []), options.services ?? [], options.withoutDependencies);
  if (!options.withoutEnvironmentFiles) await resolveEnvironments(project, scope); // of the chosen alone: a file of another may be missing
  if (!options.withoutConsistency) checkContainerNames(project, root);
  if (!options.withoutDefaultPlatform) giveDefaultPlatform(project, root);
  return { ...(options.allResources ? project : withoutUnused(project)), sources: artifacts.sources, warnings: [...warnings] };
}

/** Takes the values that came from variables out of the document: they are never printed. */
function takeValues(root: Tree): Project["values"] {
  const of = (section: string) =>
    Object.fromEntries(
      Object.entries(isTree(root[section]) ? root[section] : {}).flatMap(([name, object]) => {
        if (!isTree(object) || typeof object[valueKey] !== "string") return [];
        const value = object[valueKey];
        delete object[valueKey];
        return [[name, value] as const];
      }),
    );
  return { secrets: of("secrets"), configs: of("configs") };
}
