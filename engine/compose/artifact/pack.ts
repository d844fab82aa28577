/**
 * The files that a project is published as: its compose files as they are, but that what they name beside them (what services extend,
 * files of variables) goes with them, under names that tell nothing of this host: `SHA256-OF-THE-PATH.yaml`, `.env`.
 */
import { basename, dirname, resolve } from "node:path";
import { EngineError } from "../../errors.ts";
import { sha256 } from "../../image/documents/index.ts";
import type { Project, Reader } from "../project.ts";
import { isTree, tree } from "../source/places.ts";
import { largestFile, readText } from "../source/reader.ts";
import { parseYaml } from "../source/yaml.ts";
import { interpolate } from "../values/interpolate.ts";
import type { ArtifactFile } from "./artifact.ts";
import { Artifacts } from "./artifacts.ts";
import { type NamedFile, namedFiles, renamed } from "./named-files.ts";

export interface Packed {
  files: ArtifactFile[];
  /** Files of variables that stay here, by their paths. */
  leftOut: string[];
}

interface PackOptions {
  project: Project;
  reader: Reader;
  /** Files of variables go along. */
  variables: boolean;
}

/** @throws EngineError `invalid` for files that include others of this host, `not-found` */
export async function packProject(options: PackOptions): Promise<Packed> {
  const { project, reader, variables } = options;
  const beside: Beside = { extended: new Map(), variables: new Map() };
  const files: ArtifactFile[] = [];
  for (const path of project.files) {
    const base = project.fetched?.includes(path) ? dirname(path) : project.directory;
    files.push({ kind: "compose", name: basename(path), text: await packed(options, path, base, beside) });
  }
  // What these extend in turn is added to the map meanwhile, and so comes after them.
  for (const [path, name] of beside.extended)
    files.push({ kind: "extended", name, text: await packed(options, path, dirname(path), beside) });
  const leftOut: string[] = [];
  for (const [path, name] of beside.variables) {
    const text = variables ? await reader.read(path, largestFile) : undefined;
    if (text) files.push({ kind: "variables", name, text: Buffer.from(text) });
    else if (!variables) leftOut.push(path);
  }
  return { files, leftOut };
}

/** By path: what each is called in the artifact. */
interface Beside {
  extended: Map<string, string>;
  variables: Map<string, string>;
}

async function packed({ project, reader }: PackOptions, path: string, base: string, beside: Beside): Promise<Buffer> {
  if (path === "-") throw new EngineError("invalid", "cannot publish the standard input: write it to a file", { hint: "name it with -f" });
  const file = await readText(reader, path, "compose file");
  for (const { value } of await parseYaml(file)) if (isTree(value)) refuseIncludes(value["include"], path);
  const changes: (NamedFile & { to: string })[] = [];
  for (const found of namedFiles(file.text)) {
    const target = resolve(base, withValues(found.name, project));
    // A file to extend that is not here is somewhere else: the project was loaded with it.
    if (found.kind === "extends" && (Artifacts.accepts(found.name) || (await reader.kind(target)) !== "file")) continue;
    const [names, ending] = found.kind === "extends" ? [beside.extended, "yaml"] : [beside.variables, "env"];
    const to = `${sha256(target).slice("sha256:".length)}.${ending}`;
    names.set(target, to);
    changes.push({ ...found, to });
  }
  return Buffer.from(renamed(file.text, changes));
}

function withValues(text: string, { environment }: Project): string {
  const document = tree([["name", text]]);
  interpolate(document, { lookup: (name) => environment[name], warn: () => {} });
  return String(document["name"]);
}

function refuseIncludes(include: unknown, path: string): void {
  for (const entry of [include ?? []].flat()) {
    const named = [isTree(entry) ? (entry["path"] ?? []) : entry].flat();
    const local = named.find((name) => !Artifacts.accepts(String(name)));
    if (local !== undefined)
      throw new EngineError("invalid", `cannot publish "${path}": it includes "${local}", a file of this host`, {
        hint: "publish that by itself, and include it from there (oci://…), or name both with -f",
      });
  }
}
