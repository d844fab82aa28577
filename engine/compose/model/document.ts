/** One document of a compose file over those before it: merged, checked against the schema, in long forms. Pure but for its file. */

import { validate } from "../schema/validate.ts";
import { isTree, type Path, type SourceFile, type Tree, wrong } from "../source/places.ts";
import type { YamlDocument } from "../source/yaml.ts";
import { type CanonicalOptions, canonical } from "./canonical.ts";
import { merge } from "./merge.ts";
import { dropRepeated } from "./unique.ts";

interface OverOptions extends CanonicalOptions {
  /** A part of a file, which nobody asks to be whole (`extends`). */
  unchecked?: boolean;
}

/** A document's mapping. @throws EngineError `compose`, located */
export function mappingOf({ value }: YamlDocument, file: SourceFile): Tree {
  if (isTree(value)) return value;
  throw wrong(`cannot read "${file.name}": a compose file is a mapping at its top`, { file, offset: 0 });
}

/** @throws EngineError `compose`, located */
export function putOver(before: Tree, document: Tree, file: SourceFile, options: OverOptions): Tree {
  const merged = dropRepeated(merge(before, document));
  if (!options.unchecked) validate(merged);
  if ("version" in merged && !options.unchecked) {
    options.warn(`${file.name}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`);
    delete merged["version"];
  }
  return dropRepeated(canonical(merged, options));
}

/** Takes out what a later document resets (`!reset`, `!override`). */
export function applyResets(value: Tree, resets: readonly Path[]): void {
  for (const path of resets) {
    const parent = path.slice(0, -1).reduce<unknown>((at, name) => (isTree(at) ? at[name] : undefined), value);
    if (isTree(parent)) delete parent[path.at(-1)!];
  }
}
