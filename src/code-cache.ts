/**
 * V8's bytecode of the chunks of the bundle, kept between processes. Node's own compile cache is made when a module has
 * just been compiled, so it lacks every function that is compiled once it is first called: 200 of them for `exec`, 600 for
 * `run`. This one is made when a command has ended well, for each chunk and verb, and holds what that verb called.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";
import { keepOwn, readOwn } from "./own-files.ts";

/** Files older than this are removed, as it is not known which bundles still exist; those in use are made again. */
const keepFor = 30 * 24 * 60 * 60 * 1000; // ms

/** What was compiled without its code, by the file that will hold it. */
type Fresh = Map<string, Script>;

/**
 * From now on the chunks of the bundle are compiled with the code kept for them.
 * @param chunks the bundle's directory of chunks: files in ASCII
 * @param directory made when first needed; what it holds is only taken if it belongs to this user, as it is executed
 * @param verb the code is kept apart for each: a word of lower-case letters
 * @returns call it at the end of a command that went well: it keeps the code of what was compiled anew. It never throws.
 */
export function startCodeCache(chunks: string, directory: string, verb: string): () => void {
  const fresh: Fresh = new Map();
  const { extensions } = createRequire(import.meta.filename);
  const others = extensions[".js"];
  extensions[".cjs"] = (module, file) => {
    if (dirname(file) !== chunks) return others(module, file);
    // V8 compares no more of the source than its length.
    const made = statSync(file).mtimeMs.toString(36);
    run(module, file, join(directory, `${basename(file)}.${made}.${verb}`), fresh);
  };
  return () => save(directory, fresh);
}

function run(module: NodeJS.Module, file: string, kept: string, fresh: Fresh): void {
  // V8 takes ASCII as it is.
  const source = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, "latin1")}\n})`;
  const cachedData = readOwn(kept);
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
  if (!cachedData || script.cachedDataRejected) fresh.set(kept, script);
  const body = script.runInThisContext() as (...scope: unknown[]) => void;
  body.call(module.exports, module.exports, module.require.bind(module), module, file, dirname(file));
}

function save(directory: string, fresh: Fresh): void {
  if (fresh.size === 0) return;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const [path, script] of fresh) keepOwn(path, script.createCachedData());
    const before = Date.now() - keepFor;
    for (const path of readdirSync(directory).map((name) => join(directory, name)))
      if (statSync(path).mtimeMs < before) rmSync(path, { recursive: true, force: true });
  } catch {
    // A full disk, a directory that is somebody else's: the next command compiles again.
  }
}
