/**
 * Projects as the lists show them: gathered from the labels of their containers, from the directory that berth was opened in, and
 * remembered while their files are there. What their files say is read once for each change of them.
 */
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { LoadOptions, Project, Seen } from "../../engine/compose/index.ts";
import { EngineError, toEngineError } from "../../engine/errors.ts";
import type { ContainerSummary } from "../../engine/index.ts";
import { type Health, health, type ServiceState, stateOf, sumOf } from "./states.ts";

/** Loaded late: much of it, and the first frame needs none. */
const compose = () => import("../../engine/compose/index.ts");

export type Service = Project["model"]["services"][string];

export interface ServiceEntry {
  name: string;
  /** Absent where the files cannot be read, or do not have it any more. */
  service?: Service;
  containers: readonly Seen[];
  state: ServiceState;
}

export interface ProjectRow {
  name: string;
  /** Absolute; where its containers were made by something else, as that wrote it. */
  files: readonly string[];
  directory: string;
  envFiles: readonly string[];
  /** What `compose` alone finds where berth was opened. */
  isHere: boolean;
  /** Those of services; `run`'s are none. */
  containers: readonly Seen[];
  services: readonly ServiceEntry[];
  up: number;
  health: Health;
  reading: Reading;
}

/** What the files said when they were as `signature` tells. */
export interface Reading {
  signature: string;
  /** The files that it was read from; where it cannot be read any more, those of before. */
  sources?: readonly string[];
  project?: Project;
  /** Why there is none: an error in them, or no files at all. */
  problem?: EngineError;
}

/** Where berth was opened. */
export interface Place {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
}

/** @param before the rows as they were: they are remembered, and what was read for them */
export async function loadProjects(
  containers: readonly ContainerSummary[],
  before: readonly ProjectRow[],
  place: Place,
): Promise<ProjectRow[]> {
  const { label, seenOf } = await compose();
  const seen = containers
    .filter(({ Labels }) => Labels[label.project])
    .map(seenOf)
    .filter(({ oneOff }) => !oneOff);
  const byProject = Map.groupBy(seen, ({ labels }) => labels[label.project]!);
  const made = await Promise.all([...byProject].map(([name, own]) => madeProject(name, own, before, place)));
  const here = await projectHere([...before, ...made], before, place);
  const known = new Map<string, Origin>();
  for (const row of before) if (await isThere(row.files)) known.set(row.name, { ...row, isHere: false, containers: [] });
  for (const row of made) known.set(row.name, row);
  if (here) known.set(here.name, joined(here, known.get(here.name)));
  const rows = await Promise.all([...known.values()].map((origin) => withReading(origin, before, place)));
  return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A row without what its files say. */
type Origin = Omit<ProjectRow, "reading" | "services" | "up" | "health"> & { reading?: Reading };

async function madeProject(name: string, containers: readonly Seen[], before: readonly ProjectRow[], { cwd }: Place): Promise<Origin> {
  const { label } = await compose();
  // The newest tells what was asked for last.
  const { labels } = containers.reduce((a, b) => (b.created > a.created ? b : a));
  const paths = (text: string | undefined) => (text ?? "").split(",").filter((path) => path !== "");
  const files = paths(labels[label.files]);
  const directory = labels[label.directory] ?? before.find((row) => row.name === name)?.directory ?? cwd;
  return { name, files, directory, envFiles: paths(labels[label.environmentFile]), isHere: false, containers };
}

/** The project of the directory that berth was opened in, or of one above. */
async function projectHere(known: readonly Origin[], before: readonly ProjectRow[], { cwd, env }: Place): Promise<Origin | undefined> {
  const { loadProject } = await compose();
  const last = before.find(({ isHere }) => isHere);
  if (last && last.reading.signature === (await signatureOf(last, last.reading))) return { ...last, containers: [] };
  const begun = Date.now();
  try {
    const project = await loadProject({ cwd, env });
    const origin = {
      name: project.model.name,
      files: project.files,
      directory: project.directory,
      envFiles: [],
      isHere: true,
      containers: [],
    };
    const reading = { project, sources: project.sources ?? [] };
    return { ...origin, reading: { ...reading, signature: await signatureOf(origin, reading, begun) } };
  } catch (error) {
    return brokenHere(toEngineError(error), known, begun);
  }
}

/** Files that cannot be read tell no name: it is that of the project which was made from them, or the directory's. */
async function brokenHere(problem: EngineError, known: readonly Origin[], begun: number): Promise<Origin | undefined> {
  const file = problem.location?.file;
  if (!file) return undefined;
  const same = known.find(({ files, isHere }) => isHere || files.includes(file));
  const { name, files, directory } = same ?? { name: basename(dirname(file)).toLowerCase(), files: [file], directory: dirname(file) };
  const origin = { name, files, directory, envFiles: [], isHere: true, containers: [] };
  const reading = { problem, sources: same?.reading?.sources ?? [] };
  return { ...origin, reading: { ...reading, signature: await signatureOf(origin, reading, begun) } };
}

/** The same project by its containers and by the directory: what both say the same of is here. */
function joined(here: Origin, made: Origin | undefined): Origin {
  if (!made) return here;
  const isSame = made.files.length === 0 || made.files.join() === here.files.join();
  return isSame ? { ...here, containers: made.containers } : made;
}

async function isThere(files: readonly string[]): Promise<boolean> {
  return files.length > 0 && (await Promise.all(files.map((file) => timeOf(file)))).every((time) => time !== "");
}

/** "" for what is not there. @param since ms since the epoch: a change after that is "?", which equals nothing */
const timeOf = (path: string, since = Number.POSITIVE_INFINITY) =>
  stat(path).then(
    ({ mtimeMs, size, ino }) => (mtimeMs < since ? `${ino} ${mtimeMs} ${size}` : "?"),
    () => "",
  );

/** All files that a project is made from: its own, what they include and extend, files of variables, and the one that is wrong. */
export function sourcesOf(
  { files, envFiles, directory }: Pick<Origin, "files" | "envFiles" | "directory">,
  { sources = [], problem }: Omit<Reading, "signature"> = {},
): string[] {
  const wrong = problem?.location?.file;
  return [...new Set([...files, ...envFiles, join(directory, ".env"), ...sources, ...(wrong ? [wrong] : [])])];
}

/** The kernel's clock for files is some milliseconds behind. */
const grain = 20;

/**
 * Changes with the files that a project is made from.
 * @param begun when they were read, ms since the epoch: of what changed meanwhile it is not known which state was read
 */
async function signatureOf(origin: Origin, reading: Omit<Reading, "signature"> | undefined, begun?: number): Promise<string> {
  const since = begun === undefined ? undefined : begun - grain;
  return (await Promise.all(sourcesOf(origin, reading).map(async (path) => `${path} ${await timeOf(path, since)}`))).join("\n");
}

async function withReading(origin: Origin, before: readonly ProjectRow[], place: Place): Promise<ProjectRow> {
  const reading = await read(origin, before.find(({ name }) => name === origin.name)?.reading, place);
  const services = entriesOf(origin.containers, reading.project);
  return { ...origin, reading, services, up: sumOf(services), health: health(origin.containers) };
}

async function read(origin: Origin, before: Reading | undefined, place: Place): Promise<Reading> {
  for (const known of [origin.reading, before]) if (known && known.signature === (await signatureOf(origin, known))) return known;
  const begun = Date.now();
  const loaded = await loadOf(origin, place);
  const reading = { ...loaded, sources: loaded.project?.sources ?? before?.sources ?? [] };
  return { ...reading, signature: await signatureOf(origin, reading, begun) };
}

/** Reads a project's files, whether or not they changed. */
async function loadOf(row: Origin, place: Place): Promise<Omit<Reading, "signature">> {
  const { loadProject } = await compose();
  try {
    if (!(await isThere(row.files))) throw notHere(row);
    return { project: await loadProject(optionsOf(row, place)) };
  } catch (error) {
    return { problem: toEngineError(error) };
  }
}

function notHere({ name, files }: Pick<ProjectRow, "name" | "files">): EngineError {
  const what =
    files.length > 0 ? `its files are not here: ${files.join(", ")}` : "its containers do not say from which files they were made";
  return new EngineError("not-found", `cannot read project "${name}": ${what}`, {
    hint: "open berth on the host and in the directory that has them",
  });
}

function optionsOf({ name, files, directory, envFiles }: Origin, { cwd, env }: Place): LoadOptions {
  return { name, files, directory, cwd, env, ...(envFiles.length > 0 && { envFiles }) };
}

/** What has the project's label alone stands under its own name. */
const serviceOf = ({ name, service }: Seen) => service || name;

/** Services of the files, then those that only have containers. */
function entriesOf(containers: readonly Seen[], project: Project | undefined): ServiceEntry[] {
  const services = project?.model.services ?? {};
  const names = [...Object.keys(services), ...containers.map(serviceOf)];
  const isAny = containers.some(({ state }) => state === "running");
  return [...new Set(names)].map((name) => {
    const own = containers.filter((seen) => serviceOf(seen) === name).sort((a, b) => a.number - b.number);
    return { name, ...(services[name] && { service: services[name] }), containers: own, state: stateOf(own, isAny) };
  });
}

/** What stands before a verb to mean this project: `compose` alone where that finds it, else its name and files. */
export function commandOf({ name, files, directory, envFiles, isHere, reading }: ProjectRow): string[] {
  if (isHere) return ["compose"];
  // Without its files what was made tells what there is; no file of another project is to be found on the way.
  if (reading.problem?.code === "not-found") return ["compose", "-p", name, "--project-directory", directory];
  const elsewhere = directory !== dirname(files[0] ?? "");
  return [
    "compose",
    "-p",
    name,
    ...files.flatMap((file) => ["-f", file]),
    ...(elsewhere ? ["--project-directory", directory] : []),
    ...envFiles.flatMap((file) => ["--env-file", file]),
  ];
}
