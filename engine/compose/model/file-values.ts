/** `env_file` and `label_file`: what stands in those files becomes a service's environment and labels. */
import { resolve } from "node:path";
import { EngineError } from "../../errors.ts";
import type { Environment } from "../elements.ts";
import type { Project, Reader } from "../project.ts";
import type { Service } from "../service.ts";
import { type EnvScope, readDotenv, readRaw } from "../source/dotenv.ts";
import { type Path, type SourceFile, type Tree, wrongAt } from "../source/places.ts";
import { largestFile, textOf } from "../source/reader.ts";

interface FileScope {
  reader: Reader;
  /** Where paths that are still relative start. */
  directory: string;
  /** The merged document, for places. */
  root: Tree;
  warn(text: string): void;
}

interface Listed {
  path: string;
  format?: string;
  required?: boolean;
}

/** Reads each service's `env_file`; what the service says itself wins. Changes the project. @throws EngineError, located */
export async function resolveEnvironments(project: Project, scope: FileScope): Promise<void> {
  for (const [name, service] of Object.entries(project.model.services)) {
    const lookup = (key: string) => project.environment[key] ?? service.environment?.[key] ?? undefined;
    const own = environmentOf(service, project.environment);
    const read = new Map(own.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])));
    const files = service.env_file ?? [];
    for (const [index, file] of files.entries())
      await readInto(read, typeof file === "string" ? { path: file } : file, ["services", name, "env_file", String(index)], lookup, scope);
    const all = [...new Map<string, string | null>([...read, ...own])].sort(([one], [other]) => (one < other ? -1 : 1));
    if (all.length > 0) service.environment = Object.fromEntries(all) as Environment;
    delete service.env_file;
  }
}

function environmentOf({ environment = {} }: Service, around: Readonly<Record<string, string>>): [string, string | null][] {
  return Object.entries(environment).map(([name, value]) => [name, value ?? around[name] ?? null]);
}

/** Reads each service's `label_file`; what the service says itself wins. */
export async function resolveLabels(project: Project, scope: FileScope): Promise<void> {
  for (const [name, service] of Object.entries(project.model.services)) {
    const read = new Map<string, string>();
    for (const [index, path] of (service.label_file ?? []).entries()) {
      const own = new Map<string, string>();
      await readInto(own, { path }, ["services", name, "label_file", String(index)], (key) => read.get(key), scope);
      for (const [key, value] of own) read.set(key, value);
    }
    delete service.label_file;
    const all = [...read, ...Object.entries(service.labels ?? {})].sort(([one], [other]) => (one < other ? -1 : 1));
    if (all.length > 0) service.labels = Object.fromEntries(all);
  }
}

async function readInto(into: Map<string, string>, file: Listed, at: Path, lookup: EnvScope["lookup"], scope: FileScope): Promise<void> {
  const { format = "", path, required } = file;
  const bytes = await bytesOf(resolve(scope.directory, path), at, scope);
  if (!bytes && required === false) return;
  if (!bytes) throw wrongAt(scope.root, at, `there is no file "${path}"`, { hint: "or let it be missing: required: false" });
  const read = { "": readDotenv, ".env": readDotenv, raw: readRaw }[format];
  if (!read) throw wrongAt(scope.root, at, `unknown format "${format}": there are .env and raw`);
  const source: SourceFile = { name: path, text: textOf(bytes) };
  read(source, into, { lookup, warn: scope.warn });
}

async function bytesOf(path: string, at: Path, { reader, root }: FileScope): Promise<Uint8Array | undefined> {
  try {
    return await reader.read(path, largestFile);
  } catch (error) {
    if (error instanceof EngineError) throw wrongAt(root, at, error.message, { cause: error });
    throw error;
  }
}
