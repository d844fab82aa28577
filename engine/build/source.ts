/** Where a build's Dockerfile, its ignore rules and its context come from: a directory, standard input, or a URL. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import type { Dockerignore } from "../dockerfile/dockerignore.ts";
import { EngineError, toEngineError } from "../errors.ts";
import type { House } from "../house.ts";
import type { BuildOptions } from "./index.ts";
import type { Progress } from "./progress.ts";
import { resolveInRoot } from "./steps/rootfs-path.ts";

export type IgnoreRules = Dockerignore;

export interface BuildSource extends AsyncDisposable {
  /** The Dockerfile's text, and how errors name it. */
  text: string;
  file: string;
  /** The context; undefined when there is none. */
  context?: ContextPlace;
  /** The .dockerignore that applies. */
  ignore?: IgnoreRules;
}

export interface ContextPlace {
  /** Absolute path. */
  directory: string;
  /** Received for this build: gone afterwards, and its content is somebody else's. */
  temporary: boolean;
}

/** More than any Dockerfile needs; less than what would stall the parser. */
export const maxDockerfile = 16 << 20;

/** Reads the Dockerfile and finds the context, receiving it when it comes over a stream. Dispose of it after the build. */
export async function loadSource(house: House, options: BuildOptions, progress?: Progress, signal?: AbortSignal): Promise<BuildSource> {
  const cwd = options.cwd ?? process.cwd();
  const stack = new AsyncDisposableStack();
  try {
    const given = await openGiven(house, options, { cwd, stack, progress, signal });
    const { text, file, path } =
      given.text === undefined ? await loadDockerfile(options, cwd, given.context) : { text: given.text, file: "Dockerfile" };
    const ignore = await loadIgnore(path, given.context);
    return {
      text,
      file,
      ...(given.context ? { context: given.context } : {}),
      ...(ignore ? { ignore } : {}),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

interface Opening {
  cwd: string;
  stack: AsyncDisposableStack;
  progress: Progress | undefined;
  signal: AbortSignal | undefined;
}

/** The context, or the Dockerfile that came in its place. */
async function openGiven(house: House, options: BuildOptions, opening: Opening): Promise<{ context?: ContextPlace; text?: string }> {
  const { context } = options;
  const { cwd, stack, progress, signal } = opening;
  if (context !== "-" && !isRemoteContext(context))
    return { context: { directory: contextDirectory(resolve(cwd, context), context), temporary: false } };
  if (context === "-" && options.file === "-")
    throw new EngineError("usage", "cannot read both the build context and the Dockerfile from standard input");
  const { receiveRemote, receiveStream } = await import("./context/receive.ts");
  const receive = () =>
    context === "-" ? receiveStream(house, stdinOf(options.stdin), "standard input", signal) : receiveRemote(house, context, signal);
  const received = progress ? await progress.step(`[internal] load remote build context`, receive) : await receive();
  stack.use(received);
  return received.directory === undefined ? { text: received.text ?? "" } : { context: { directory: received.directory, temporary: true } };
}

/** Nothing of it comes over a stream or the network. */
export function isFromDirectory({ context, file }: BuildOptions): boolean {
  return context !== "-" && file !== "-" && !isRemoteContext(context);
}

/** True for what is fetched: a URL of a tar or a git repository. */
export function isRemoteContext(text: string): boolean {
  return /^(?:https?:\/\/|git:\/\/|git@|ssh:\/\/|github\.com\/)/.test(text);
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
  context: ContextPlace | undefined,
): Promise<{ text: string; file: string; path?: string }> {
  if (options.dockerfile !== undefined) return { text: options.dockerfile, file: options.file ?? "Dockerfile" };
  if (options.file === "-") {
    const { readText: readStream } = await import("./context/receive.ts");
    return { text: await readStream(stdinOf(options.stdin), "standard input"), file: "Dockerfile" };
  }
  const path = dockerfilePath(options.file, cwd, context);
  return { text: readText(path, options.file ?? "Dockerfile"), file: options.file ?? "Dockerfile", path };
}

/** In a received context `-f` names a file of it, and no link in it leads out: it is not the user's own. */
function dockerfilePath(file: string | undefined, cwd: string, context: ContextPlace | undefined): string {
  if (!context) return resolve(cwd, file ?? "Dockerfile");
  if (context.temporary) return resolveInRoot(context.directory, file ?? "Dockerfile");
  return file === undefined ? defaultDockerfile(context.directory) : resolve(cwd, file);
}

/** "Dockerfile", or "dockerfile" where only that one is there. */
function defaultDockerfile(context: string): string {
  const usual = join(context, "Dockerfile");
  const lower = join(context, "dockerfile");
  return !existsSync(usual) && existsSync(lower) ? lower : usual;
}

function readText(path: string, shown: string): string {
  try {
    const stats = statSync(path);
    if (stats.size > maxDockerfile) throw new EngineError("invalid", `cannot use "${shown}" as a Dockerfile: it is larger than 16 MB`);
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new EngineError("not-found", `cannot read Dockerfile "${shown}": no such file`, {
        hint: "name it with -f, or change to the directory that holds it",
        cause: error,
      });
    }
    if (code === "EISDIR") throw new EngineError("invalid", `cannot read Dockerfile "${shown}": it is a directory`, { cause: error });
    throw toEngineError(error, `cannot read Dockerfile "${shown}"`);
  }
}

/** `<Dockerfile>.dockerignore` beside the Dockerfile goes before the context's .dockerignore. */
async function loadIgnore(dockerfile: string | undefined, context: ContextPlace | undefined): Promise<IgnoreRules | undefined> {
  const beside = dockerfile && `${dockerfile}.dockerignore`;
  const file = beside && existsSync(beside) ? beside : context && ignoreFileOf(context);
  return file === undefined ? undefined : parseIgnore(file);
}

/** The .dockerignore of a context; undefined when there is none. */
export function ignoreFileOf({ directory, temporary }: ContextPlace): string | undefined {
  const file = temporary ? resolveInRoot(directory, ".dockerignore") : join(directory, ".dockerignore");
  return existsSync(file) ? file : undefined;
}

export async function parseIgnore(file: string): Promise<IgnoreRules> {
  const { parseDockerignore } = await import("../dockerfile/dockerignore.ts");
  return parseDockerignore(readText(file, file), { file });
}
