/** Where a build's Dockerfile, its ignore rules and its context come from. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { EngineError, toEngineError } from "../errors.ts";
import type { BuildOptions } from "./index.ts";

export interface BuildSource {
  /** The Dockerfile's text, and how errors name it. */
  text: string;
  file: string;
  /** Absolute path of the context directory; undefined when there is none. */
  context?: string;
  /** Text of the .dockerignore that applies, and its path. */
  ignore?: { text: string; file: string };
}

/** More than any Dockerfile needs; less than what would stall the parser. */
const maxDockerfile = 16 << 20;

/** Reads the Dockerfile and finds the context. */
export async function loadSource(options: BuildOptions): Promise<BuildSource> {
  const cwd = options.cwd ?? process.cwd();
  refuseRemote(options.context);
  const context = options.context === "-" ? undefined : contextDirectory(resolve(cwd, options.context), options.context);
  const { text, file, path } = await loadDockerfile(options, cwd, context);
  const ignore = loadIgnore(path, context);
  return { text, file, ...(context === undefined ? {} : { context }), ...(ignore ? { ignore } : {}) };
}

function refuseRemote(context: string): void {
  if (!/^(?:https?:\/\/|git:\/\/|git@|ssh:\/\/|github\.com\/)/.test(context)) return;
  throw new EngineError("unsupported", `cannot use "${context}" as a build context: remote contexts are not supported yet`, {
    hint: "fetch it first and give the directory",
    exit: 1,
  });
}

function contextDirectory(path: string, written: string): string {
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
  context: string | undefined,
): Promise<{ text: string; file: string; path?: string }> {
  if (options.dockerfile !== undefined) return { text: options.dockerfile, file: options.file ?? "Dockerfile" };
  if (options.file === "-" || options.context === "-") {
    if (options.file === "-" && options.context === "-")
      throw new EngineError("usage", "cannot read both the build context and the Dockerfile from standard input");
    return { text: await readStdin(options.stdin), file: "Dockerfile" };
  }
  const path = options.file === undefined ? defaultDockerfile(context as string) : resolve(cwd, options.file);
  return { text: readText(path, options.file ?? "Dockerfile"), file: options.file ?? "Dockerfile", path };
}

/** "Dockerfile", or "dockerfile" where only that one is there. */
function defaultDockerfile(context: string): string {
  const usual = join(context, "Dockerfile");
  const lower = join(context, "dockerfile");
  return !existsSync(usual) && existsSync(lower) ? lower : usual;
}

function readText(path: string, shown: string): string {
  try {
    if (statSync(path).size > maxDockerfile)
      throw new EngineError("invalid", `cannot use "${shown}" as a Dockerfile: it is larger than 16 MB`);
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

async function readStdin(stdin: Readable | undefined): Promise<string> {
  if (!stdin) throw new EngineError("usage", "cannot read the Dockerfile from standard input: there is none");
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk as Uint8Array);
    if (chunks.length === 0 && isArchive(bytes)) {
      throw new EngineError("unsupported", "cannot use an archive on standard input as a build context yet", {
        hint: "unpack it first and give the directory",
        exit: 1,
      });
    }
    size += bytes.length;
    if (size > maxDockerfile) throw new EngineError("invalid", "cannot use standard input as a Dockerfile: it is larger than 16 MB");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** gzip, bzip2, xz, zstd, or a tar's header. */
function isArchive(start: Buffer): boolean {
  const hex = start.subarray(0, 6).toString("hex");
  return /^(?:1f8b|425a68|fd377a585a00|28b52ffd)/.test(hex) || start.subarray(257, 262).toString("latin1") === "ustar";
}

/** `<Dockerfile>.dockerignore` beside the Dockerfile goes before the context's .dockerignore. */
function loadIgnore(dockerfile: string | undefined, context: string | undefined): { text: string; file: string } | undefined {
  const candidates = [dockerfile && `${dockerfile}.dockerignore`, context && join(context, ".dockerignore")];
  const file = candidates.find((path) => path && existsSync(path));
  return file ? { text: readText(file, file), file } : undefined;
}
