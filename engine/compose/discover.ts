/**
 * What a project is made from, before any file is parsed: which files, which variables, which directory, which name (Compose
 * Specification, and docker compose's COMPOSE_ variables).
 */

import { basename, dirname, join, resolve } from "node:path";
import { EngineError } from "../errors.ts";
import { parseTruth } from "../truth.ts";
import { Artifacts } from "./artifact/artifacts.ts";
import type { LoadOptions, Reader } from "./project.ts";
import { readDotenv } from "./source/dotenv.ts";
import { isTree, type SourceFile, tree } from "./source/places.ts";
import { largestFile, readText, textOf } from "./source/reader.ts";
import { parseYaml } from "./source/yaml.ts";
import { interpolate } from "./values/interpolate.ts";

export interface Found {
  files: SourceFile[];
  /** Absolute. */
  directory: string;
  environment: Record<string, string>;
  name: string;
  profiles: string[];
}

type Warn = (text: string) => void;

/** In the order of preference. */
const usualFiles = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const usualOverrides = ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

/** @throws EngineError `not-found` when there is no file */
export async function discover(options: LoadOptions, reader: Reader, artifacts: Artifacts, warn: Warn): Promise<Found> {
  const environment = around(options);
  const given = (options.files ?? []).map((path) => absolute(options, path));
  await addEnvFiles(environment, options, directoryOf(options, given), reader, warn);
  const paths = given.length > 0 ? given : await usualPaths(options, environment, reader, warn);
  if (paths.length === 0) throw noFile();
  const directory = directoryOf(options, paths);
  await addEnvFiles(environment, options, directory, reader, warn);
  const files = await Promise.all(paths.map((path) => readFile(path, reader, artifacts)));
  const name = await nameOf(options, environment, files, directory, reader, warn);
  environment["COMPOSE_PROJECT_NAME"] = name;
  return { files, directory, environment, name, profiles: profilesOf(options, environment) };
}

/** The variables of a project without files: the caller's, and those of the `.env` file here or of the files that are named. */
export async function variablesWithoutFiles(options: LoadOptions, reader: Reader): Promise<Record<string, string>> {
  const environment = around(options);
  await addEnvFiles(environment, options, directoryOf(options, []), reader, () => {});
  return environment;
}

/** A path as it is looked for; what is no path stays as it is. */
function absolute({ cwd }: LoadOptions, name: string): string {
  return isNoPath(name) ? name : resolve(cwd, name);
}

const isNoPath = (name: string) => name === "-" || Artifacts.accepts(name);

function noFile(): EngineError {
  const hint = `name one with -f, or make a ${usualFiles[0]} here`;
  return new EngineError("not-found", "no configuration file provided: not found", { hint });
}

/** The caller's environment; PWD is there for files that use it. */
function around({ cwd, env }: LoadOptions): Record<string, string> {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { PWD: cwd, ...Object.fromEntries(set) };
}

function directoryOf({ cwd, directory }: LoadOptions, paths: readonly string[]): string {
  if (directory) return resolve(cwd, directory);
  const first = paths.find((path) => path !== "-");
  return first && !isNoPath(first) ? dirname(first) : cwd;
}

/** Variables that are set already win; of several files the last. */
async function addEnvFiles(
  into: Record<string, string>,
  options: LoadOptions,
  directory: string,
  reader: Reader,
  warn: Warn,
): Promise<void> {
  const named = namedEnvFiles(options);
  const usual = join(directory, ".env");
  const paths = named.length > 0 ? named : isDisabled(options) || (await reader.kind(usual)) !== "file" ? [] : [usual];
  const read = new Map<string, string>();
  for (const path of paths) readDotenv(await readText(reader, path, "file of variables"), read, { lookup: (name) => into[name], warn });
  for (const [name, value] of read) into[name] ??= value;
}

function namedEnvFiles({ cwd, env, envFiles = [] }: LoadOptions): string[] {
  const names = envFiles.length > 0 ? envFiles : (env["COMPOSE_ENV_FILES"] ?? "").split(",").filter(Boolean);
  return names.map((name) => resolve(cwd, name));
}

function isDisabled({ env }: LoadOptions): boolean {
  const value = env["COMPOSE_DISABLE_ENV_FILE"];
  const truth = value === undefined ? false : parseTruth(value);
  if (truth === undefined) throw new EngineError("invalid", `cannot read COMPOSE_DISABLE_ENV_FILE="${value}": it is no boolean`);
  return truth;
}

/** COMPOSE_FILE, else the first directory from here upward that has one of the usual files. */
async function usualPaths(
  options: LoadOptions,
  environment: Readonly<Record<string, string>>,
  reader: Reader,
  warn: Warn,
): Promise<string[]> {
  const named = environment["COMPOSE_FILE"];
  if (named !== undefined) {
    const separator = environment["COMPOSE_PATH_SEPARATOR"] || ":";
    return named.split(separator).map((path) => absolute(options, path));
  }
  for (let directory = directoryOf(options, []); ; directory = dirname(directory)) {
    const file = await first(usualFiles, directory, reader, "config", warn);
    if (file) return [file, await first(usualOverrides, directory, reader, "override", warn)].filter((path) => path !== undefined);
    if (dirname(directory) === directory) return [];
  }
}

async function first(names: readonly string[], directory: string, reader: Reader, what: string, warn: Warn): Promise<string | undefined> {
  const found: string[] = [];
  for (const name of names) if (await reader.kind(join(directory, name))) found.push(join(directory, name));
  if (found.length > 1) {
    warn(`Found multiple ${what} files with supported names: ${found.join(", ")}`);
    warn(`Using ${found[0]}`);
  }
  return found[0];
}

async function readFile(path: string, reader: Reader, artifacts: Artifacts): Promise<SourceFile> {
  if (Artifacts.accepts(path)) return artifacts.open(path);
  if (path !== "-") return readText(reader, path, "compose file");
  if (!reader.standardInput) throw new EngineError("invalid", "cannot read a compose file from the standard input: there is none here");
  return { name: "-", text: textOf(await reader.standardInput(largestFile)) };
}

/** `-p`, COMPOSE_PROJECT_NAME, the last file's `name`, the directory's name. @throws EngineError `invalid` */
async function nameOf(
  { name, withoutInterpolation }: LoadOptions,
  environment: Readonly<Record<string, string>>,
  files: readonly SourceFile[],
  directory: string,
  reader: Reader,
  warn: Warn,
): Promise<string> {
  const given = name || environment["COMPOSE_PROJECT_NAME"];
  if (given) return checkedName(given);
  const named = (await Promise.all(files.map(namesIn))).flat().at(-1);
  if (named) {
    const document = tree([["name", named]]);
    if (!withoutInterpolation) interpolate(document, { lookup: (each) => environment[each], warn });
    const normal = normalName(String(document["name"]));
    if (normal) return normal;
  }
  return checkedName(normalName(await directoryName(directory, reader, warn)), directory);
}

async function directoryName(directory: string, reader: Reader, warn: Warn): Promise<string> {
  const name = basename(directory);
  if (basename(await reader.real(directory)) !== name)
    warn(`project has been loaded without an explicit name from a symlink. Using name "${name}"`);
  return name;
}

async function namesIn(file: SourceFile): Promise<string[]> {
  return (await parseYaml(file)).flatMap(({ value }) =>
    isTree(value) && typeof value["name"] === "string" && value["name"] ? [value["name"]] : [],
  );
}

/** In lower case, without what a name cannot have. */
function normalName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
}

function checkedName(name: string, directory?: string): string {
  if (name !== "" && normalName(name) === name) return name;
  const rule = "must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number";
  if (directory === undefined) throw new EngineError("invalid", `invalid project name "${name}": ${rule}`);
  throw new EngineError("invalid", `project name must not be empty: "${directory}" gives none`, { hint: "name it with -p" });
}

function profilesOf({ profiles = [] }: LoadOptions, environment: Readonly<Record<string, string>>): string[] {
  const names = profiles.length > 0 ? profiles : (environment["COMPOSE_PROFILES"] ?? "").split(",").map((name) => name.trim());
  return names.filter((name) => name !== "");
}
