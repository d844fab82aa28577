/** The directories of the state: that they are there, and that other users can neither read nor execute what is in them. */
import { chmodSync, closeSync, existsSync, lstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { EngineError } from "../errors.ts";
import { refuseLostRecords } from "./lost-records.ts";
import { directoriesOf, type Paths } from "./paths.ts";

/** @throws EngineError `permission`, `no-space`, `state`; `corrupt` when the records are lost (lost-records.ts) */
export function prepareDirectories(paths: Paths, { whateverLiesThere = false } = {}): void {
  try {
    makeDirectory(paths.root);
    if (statSync(paths.root).mode & sticky)
      throw new EngineError("state", `cannot keep state in "${paths.root}": all users write there`, {
        hint: "name a directory of its own",
      });
    for (const directory of directoriesOf(paths)) makeDirectory(directory);
    if (!whateverLiesThere) refuseLostRecords(paths);
    makeFile(paths.db);
    closeToOthers(paths);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const kind = code === "EACCES" || code === "EPERM" ? "permission" : code === "ENOSPC" ? "no-space" : "state";
    throw new EngineError(kind, `cannot prepare the state directory "${paths.root}": ${message}`, { cause: error });
  }
}

/**
 * Only root may enter: what containers make as root with the setuid bit, on layers, volumes and in their own files, would
 * be root's for every user of the host, and the records hold what was given to them in secret. Containers of other users need no
 * way in: theirs begins at the mount. Said again each time, whatever umask, chmod or older berth has left.
 */
function closeToOthers(paths: Paths): void {
  for (const directory of [paths.root, paths.run, paths.containers, paths.layers, paths.volumes]) setMode(directory, 0o700);
  for (const file of [paths.db, `${paths.db}-wal`, `${paths.db}-shm`, paths.reserve]) setMode(file, 0o600);
}

function setMode(path: string, mode: number): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats && (stats.mode & 0o7777) !== mode) chmodSync(path, mode);
}

/** S_ISVTX: a directory such as /tmp. */
const sticky = 0o1000;

/**
 * The database's file, before SQLite makes it as everybody's to read; its log and shared memory get the same mode. Never opened
 * when it is there: closing it would take the locks of another connection of this process (fcntl(2)).
 */
function makeFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
}

/** With its parents. Node's own recursion never ends where mkdir(2) says ENOENT below a directory that exists, as in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(`${path}/.`)) return;
  const parent = dirname(path);
  if (!existsSync(parent)) makeDirectory(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another process was faster
  }
}
