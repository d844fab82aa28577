/** Text to trees: YAML documents with the place of every value. What is written simply is read fast; the parser is loaded for the rest. */
import type { Path, SourceFile } from "./places.ts";
import { readSimply } from "./simple-yaml.ts";

export interface YamlDocument {
  value: unknown;
  /** Paths tagged `!reset` or `!override`: what earlier files say there does not count. */
  resets: Path[];
}

const known = new WeakMap<SourceFile, Promise<YamlDocument[]>>();

/** A file is parsed once. @throws EngineError `compose`, located */
export function parseYaml(file: SourceFile): Promise<YamlDocument[]> {
  const documents = known.get(file) ?? readDocuments(file);
  known.set(file, documents);
  return documents;
}

async function readDocuments(file: SourceFile): Promise<YamlDocument[]> {
  const value = readSimply(file);
  return value ? [{ value, resets: [] }] : (await import("./whole-yaml.ts")).parseWhole(file);
}
