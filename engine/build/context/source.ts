/** The build context of one build: its directory with .dockerignore applied, and the content hashes of earlier scans. */
import { createHash } from "node:crypto";
import { mkdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import type { Progress, StepReport } from "../report/index.ts";
import type { ContextPlace, IgnoreRules } from "./build-source.ts";
import { HashCache } from "./hash-cache.ts";
import { FileTree } from "./tree.ts";

export interface ContextSource {
  /** The files that COPY and ADD see; opened on first use. */
  tree(): FileTree;
  /** Paths that steps are going to read, as they are written. */
  expect(paths: readonly string[]): void;
  /** Runs a scan of these paths; the first of a build is shown as a step. */
  reported<T>(progress: Progress, paths: readonly string[], scan: () => Promise<T>): Promise<T>;
  /** Remembers the hashes that were computed. */
  save(): void;
}

export interface ContextOptions {
  /** Of a further context. */
  name?: string;
  /** Called with each file whose content must be read, before it is read. */
  reads?: (bytes: number) => void;
}

export function openContext(
  ground: Ground,
  place: ContextPlace,
  rules: IgnoreRules | undefined,
  { name, reads }: ContextOptions = {},
): ContextSource {
  let opened: { tree: FileTree; hashes?: HashCache } | undefined;
  let shown = false;
  const open = () => {
    const root = realpathSync(place.directory);
    const hashes = place.temporary ? undefined : new HashCache(hashFileFor(ground, root), reads);
    const tree = new FileTree(root, {
      resetOwner: true,
      ...(hashes ? { hashes } : {}),
      ...(rules ? { ignored: (path: string) => rules.ignores(path), exceptions: rules.exceptions } : {}),
    });
    return { tree, ...(hashes ? { hashes } : {}) };
  };
  const bring = async (paths: readonly string[], report?: StepReport) => {
    if (await place.arrival?.bring(paths, report)) opened = undefined; // what it saw before was less
  };
  return {
    expect: (paths) => place.arrival?.expect(paths),
    tree: () => (opened ??= open()).tree,
    async reported(progress, paths, scanIt) {
      const scan = place.alone ? () => explained(scanIt) : scanIt;
      if (shown) {
        await bring(paths);
        return scan();
      }
      shown = true;
      return progress.step(name === undefined ? "[internal] load build context" : `[internal] load context ${name}`, async (report) => {
        await bring(paths, report);
        const result = await scan();
        report.status("scanning context:", opened?.tree.seen ?? 0, { unit: "files", done: true });
        return result;
      });
    },
    save: () => opened?.hashes?.save(false),
  };
}

/** Says why nothing is found in the context of a Dockerfile that came alone. */
async function explained<T>(scan: () => Promise<T>): Promise<T> {
  try {
    return await scan();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { code, message, details } = error;
    const hint = "the Dockerfile came alone, so there is no file to copy: give a directory as the context, and the Dockerfile with -f -";
    throw new EngineError(code, message, { hint, details, cause: error });
  }
}

/** Two contexts never share a file, and the name tells nothing of the path. The first number is of what a hash covers. */
function hashFileFor(ground: Ground, root: string): string {
  const { dev, ino } = statSync(root);
  const directory = join(ground.paths.build, "contexts");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return join(directory, createHash("sha256").update(`2:${dev}:${ino}:${root}`).digest("hex").slice(0, 32));
}
