/** Where a build's Dockerfile, its ignore rules and its context come from: a directory, standard input, or a URL. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Readable } from "node:stream";
import type { Dockerignore } from "../../dockerfile/dockerignore.ts";
import { isRemoteContext, isRemoteSource } from "../../dockerfile/remote-source.ts";
import { EngineError, toEngineError } from "../../errors.ts";
import { decodeName } from "../../image/tar/index.ts";
import type { Ground } from "../../state/ground.ts";
import { readLimited } from "../../sys/limited-file.ts";
import type { BuildClient, BuildOptions } from "../index.ts";
import type { Progress } from "../report/index.ts";
import { resolveInRoot } from "../workspace/index.ts";
import type { Arrival } from "./arrival.ts";

export type IgnoreRules = Dockerignore;

export interface BuildSource extends AsyncDisposable {
  /** The Dockerfile's text, and how errors name it. */
  text: string;
  file: string;
  context: ContextPlace;
  /** The .dockerignore that applies. */
  ignore?: IgnoreRules;
}

export interface ContextPlace {
  /** Absolute path. */
  directory: string;
  /** Received for this build (a tar, a repository): removed afterwards, and its content is not to be trusted. */
  temporary: boolean;
  /** When it was made, if it came over the network and says so: seconds. */
  date?: number;
  /** Empty, as the Dockerfile came alone. */
  alone?: boolean;
  /** It holds what was brought. */
  arrival?: Arrival;
}

/** More than any Dockerfile needs; less than what would stall the parser. */
export const maxDockerfile = 16 << 20;

/** Reads the Dockerfile and finds the context, receiving it when it comes over a stream. Dispose of it after the build. */
export async function loadSource(ground: Ground, options: BuildOptions, progress?: Progress, signal?: AbortSignal): Promise<BuildSource> {
  const cwd = options.cwd ?? process.cwd();
  const stack = new AsyncDisposableStack();
  try {
    const opening = { cwd, stack, progress, signal };
    const found = options.client
      ? await loadFromClient(ground, { ...options, client: options.client }, opening)
      : await loadHere(ground, options, opening);
    return { ...found, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** A directory of this host as it is sent elsewhere: nothing is received, nothing kept. */
export interface DirectorySource {
  /** The Dockerfile's text; its place in the directory, when it is there. */
  text: string;
  file: string;
  inContext?: string;
  directory: string;
  ignore?: IgnoreRules;
  /** The text of the rules, when they are not those of the directory's own .dockerignore. */
  ignoreText?: string;
}

/** @throws EngineError `not-found`, `invalid` */
export async function readDirectory(options: BuildOptions): Promise<DirectorySource> {
  const cwd = options.cwd ?? process.cwd();
  const directory = contextDirectory(resolve(cwd, options.context), options.context);
  const context = { directory, temporary: false };
  const { text, file, path } = await loadDockerfile(options, cwd, context, options.signal);
  const inside = path && relative(realpathSync(directory), realpathSync(path));
  const beside = path && ignoreFileBeside(path);
  const ignore = await loadIgnore(path, context);
  return {
    ...{ text, file, directory },
    ...(inside && !inside.startsWith("../") && { inContext: inside }),
    ...(ignore && { ignore }),
    ...(beside && { ignoreText: readLimited(beside, { limit: maxDockerfile, name: `"${beside}"` }).toString("utf8") }),
  };
}

type Found = Omit<BuildSource, typeof Symbol.asyncDispose>;

async function loadHere(ground: Ground, options: BuildOptions, opening: Opening): Promise<Found> {
  const given = await openGiven(ground, options, opening);
  const { text, file, path } =
    given.text === undefined
      ? await loadDockerfile(options, opening.cwd, given.context, opening.signal)
      : { text: given.text, file: "Dockerfile" };
  const ignore = await loadIgnore(path, given.context);
  return { text, file, context: given.context, ...(ignore ? { ignore } : {}) };
}

/** The client's context comes with its Dockerfile; a remote one, or one that came over a stream, holds its own unless `file` is "local:PATH". */
async function loadFromClient(ground: Ground, options: BuildOptions & { client: BuildClient }, opening: Opening): Promise<Found> {
  const isTheirs = options.context === "context";
  const [, theirs] = /^local:(.+)$/.exec(options.file ?? "") ?? [];
  if (!isTheirs && theirs === undefined) return loadHere(ground, options, opening);
  const { clientContext, receiveDockerfile, receiveIgnore } = await import("./client-source.ts");
  const { client, file: named = "Dockerfile" } = options;
  const { stack, progress, signal, cwd } = opening;
  const asking = { ground, client, stack, signal };
  const wanted = theirs ?? named;
  const { text, file, path } = await loadDockerfile({ ...options, file: wanted }, cwd, await receiveDockerfile(asking, wanted), signal);
  const { context } = isTheirs ? { context: undefined } : await openGiven(ground, options, opening);
  const beside = path && ignoreFileBeside(path);
  const rules = beside
    ? await parseIgnore(beside)
    : await loadIgnore(undefined, context ?? (await receiveIgnore(asking, "context", progress)));
  return { text, file, context: context ?? (await clientContext(asking, "context", rules)), ...(rules ? { ignore: rules } : {}) };
}

interface Opening {
  cwd: string;
  stack: AsyncDisposableStack;
  progress: Progress | undefined;
  signal: AbortSignal | undefined;
}

/** The context, or the Dockerfile that came in its place. */
async function openGiven(ground: Ground, options: BuildOptions, opening: Opening): Promise<{ context: ContextPlace; text?: string }> {
  const { context } = options;
  const { cwd, stack, progress, signal } = opening;
  if (context !== "-" && !isRemoteContext(context))
    return { context: { directory: contextDirectory(resolve(cwd, context), context), temporary: false } };
  if (context === "-" && options.file === "-")
    throw new EngineError("usage", "cannot read both the build context and the Dockerfile from standard input");
  const { receiveRemote, receiveStream } = await import("./receive.ts");
  const receive = () =>
    context === "-"
      ? receiveStream(ground, stdinOf(options.stdin), "standard input", signal)
      : receiveRemote(ground, context, options, signal);
  const received = progress ? await progress.step(`[internal] load remote build context`, receive) : await receive();
  stack.use(received);
  const { directory, text, material, date } = received;
  if (material) progress?.madeFrom(material);
  return {
    context: {
      directory,
      temporary: true,
      ...(context !== "-" && date !== undefined && { date }),
      ...(text === undefined ? {} : { alone: true }),
    },
    ...(text === undefined ? {} : { text }),
  };
}

/** Nothing of it comes over a stream or the network: it can be read twice. */
export function isFromDirectory({ context, file, cwd = process.cwd() }: BuildOptions): boolean {
  if (context === "-" || isRemoteContext(context)) return false;
  if (file === undefined) return true;
  return file !== "-" && !isRemoteSource(file) && statSync(resolve(cwd, file), { throwIfNoEntry: false })?.isFile() !== false;
}

function stdinOf(stdin: Readable | undefined): Readable {
  if (!stdin) throw new EngineError("usage", "cannot read from standard input: there is none");
  return stdin;
}

/** @param written as the user named it */
export function contextDirectory(path: string, written: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats)
    throw new EngineError("not-found", `cannot find build context "${written}": no such directory`, {
      hint: "give the directory that holds the files to build from",
    });
  if (!stats.isDirectory())
    throw new EngineError("invalid", `cannot use "${written}" as a build context: it is not a directory`, {
      hint: "give the directory that holds the Dockerfile, or the Dockerfile with -f",
    });
  return path;
}

async function loadDockerfile(
  options: BuildOptions,
  cwd: string,
  context: ContextPlace,
  signal: AbortSignal | undefined,
): Promise<{ text: string; file: string; path?: string }> {
  if (options.dockerfile !== undefined) return { text: options.dockerfile, file: options.file ?? "Dockerfile" };
  if (options.file === "-") {
    const { readText: readStream } = await import("./receive.ts");
    return { text: await readStream(stdinOf(options.stdin), "standard input"), file: "Dockerfile" };
  }
  if (options.file !== undefined && /^https?:\/\//.test(options.file)) return fetchDockerfile(options.file, signal);
  const path = dockerfilePath(options.file, cwd, context);
  const own = options.file !== undefined && !context.temporary;
  return { text: readText(path, options.file ?? "Dockerfile", own), file: options.file ?? "Dockerfile", path };
}

async function fetchDockerfile(address: string, signal: AbortSignal | undefined): Promise<{ text: string; file: string }> {
  const [{ download }, { readText }] = await Promise.all([import("../../http/download.ts"), import("./receive.ts")]);
  const { body } = await download(address, signal);
  return { text: await readText(body, `"${address}"`), file: basename(new URL(address).pathname) || "Dockerfile" };
}

/**
 * "dockerfile" stands for "Dockerfile" where only that one is there. In a received context `-f` names a file of it, and no
 * link in it leads out: it is not the user's own.
 */
function dockerfilePath(file: string | undefined, cwd: string, context: ContextPlace): string {
  const from = file === undefined ? context.directory : cwd;
  const pathOf = (name: string) => (context.temporary ? resolveInRoot(context.directory, name) : resolve(from, name));
  const usual = pathOf(file ?? "Dockerfile");
  if (basename(usual) !== "Dockerfile" || existsSync(usual)) return usual;
  const lower = pathOf(join(dirname(file ?? ""), "dockerfile"));
  return existsSync(lower) ? lower : usual;
}

/** @param own the user named the very file: it may be a pipe then */
function readText(path: string, shown: string, own = false): string {
  try {
    return decodeName(readLimited(path, { limit: maxDockerfile, name: `Dockerfile "${shown}"`, pipes: own }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new EngineError("not-found", `cannot read Dockerfile "${shown}": no such file`, {
        hint: "name it with -f, or change to the directory that holds it",
        cause: error,
      });
    }
    throw toEngineError(error, `cannot read Dockerfile "${shown}"`);
  }
}

/** `<Dockerfile>.dockerignore` beside the Dockerfile goes before the context's .dockerignore. */
async function loadIgnore(dockerfile: string | undefined, context: ContextPlace): Promise<IgnoreRules | undefined> {
  const file = (dockerfile && ignoreFileBeside(dockerfile)) ?? ignoreFileOf(context);
  return file === undefined ? undefined : parseIgnore(file);
}

function ignoreFileBeside(dockerfile: string): string | undefined {
  const beside = `${dockerfile}.dockerignore`;
  return existsSync(beside) ? beside : undefined;
}

/** The .dockerignore of a context; undefined when there is none. */
export function ignoreFileOf({ directory, temporary }: ContextPlace): string | undefined {
  const file = temporary ? resolveInRoot(directory, ".dockerignore") : join(directory, ".dockerignore");
  return existsSync(file) ? file : undefined;
}

export async function parseIgnore(file: string): Promise<IgnoreRules> {
  const { parseDockerignore } = await import("../../dockerfile/dockerignore.ts");
  const text = decodeName(readLimited(file, { limit: maxDockerfile, name: `"${file}"` }));
  return parseDockerignore(text, { file });
}
