/** Compose files in memory, below /project, for tests of what they become. */
import { posix } from "node:path";
import { type LoadOptions, loadProject, type Project, type Reader } from "../../engine/compose/index.ts";
import { EngineError } from "../../engine/errors.ts";

/** Files by their path below /project. */
export type Files = Readonly<Record<string, string>>;

export function inMemory(files: Files): Reader {
  const all = new Map(Object.entries(files).map(([name, text]) => [posix.join("/project", name), Buffer.from(text)]));
  const directories = new Set([...all.keys()].flatMap((path) => [posix.dirname(path), posix.dirname(posix.dirname(path))]));
  return {
    async read(path, limit) {
      const bytes = all.get(path);
      if (bytes && bytes.length > limit) throw new EngineError("invalid", `cannot read "${path}": it is too large`);
      return bytes;
    },
    kind: async (path) => (all.has(path) ? "file" : directories.has(path) ? "directory" : undefined),
    real: async (path) => path,
  };
}

/** The project that they make. */
export function load(files: Files, options: Partial<LoadOptions> = {}): Promise<Project> {
  return loadProject({ cwd: "/project", env: {}, reader: inMemory(files), ...options });
}

/** What is wrong with them. */
export async function failure(files: Files, options: Partial<LoadOptions> = {}): Promise<EngineError> {
  const outcome = await load(files, options).catch((error: unknown) => error);
  if (outcome instanceof EngineError) return outcome;
  throw new Error(`they are right, or fail in another way: ${JSON.stringify(outcome).slice(0, 1000)} ${String((outcome as Error).stack)}`);
}
