// The npm packages: whether node_modules holds exactly what package-lock.json asks for, and how to make it so.
// Plain JavaScript for Node 18.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { home } from "./sources.mjs";

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(join(home, file), "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * Compares the lock with the one npm leaves in node_modules when an installation is complete: no stamp of our own to
 * go stale. Optional packages (another architecture's binaries) may be absent, and without `dev` the development tools.
 */
export function areModulesFresh({ dev }) {
  const wanted = packagesIn("package-lock.json");
  const installed = packagesIn("node_modules/.package-lock.json");
  if (!wanted || !installed || !existsSync(join(home, "node_modules/.bin/node"))) return false;
  const isThere = ([path, { version, integrity, optional, devOptional, dev: isDev }]) => {
    if (path === "") return true;
    const found = installed[path];
    if (!found) return optional === true || devOptional === true || (!dev && isDev === true);
    return found.version === version && found.integrity === integrity;
  };
  return Object.entries(wanted).every(isThere) && Object.keys(installed).every((path) => path in wanted);
}

/**
 * `npm ci` of the package.json and lock in one directory, into another. Runs inside npm's own life cycle, so the npm and
 * the Node that were started by the user are used, not those found in PATH (node_modules/.bin/node is about to be replaced).
 */
export function installInto(directory, source) {
  for (const name of ["package.json", "package-lock.json"]) cpSync(join(source, name), join(directory, name));
  const [program, first] = process.env.npm_execpath
    ? [process.env.npm_node_execpath ?? process.execPath, [process.env.npm_execpath]]
    : ["npm", []];
  const args = [
    ...first,
    "ci",
    "--include=dev",
    "--include=optional",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
  ];
  const result = spawnSync(program, args, {
    cwd: directory,
    env: environment(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 << 20,
  });
  if (result.status !== 0)
    throw new Error(`npm ci failed:\n  ${(result.error?.message ?? result.stderr).trim().split("\n").slice(0, 10).join("\n  ")}`);
}

/** The installation of this package: beside, then two renames, so that a failed download leaves the one that was there. */
export function installModules() {
  for (const name of readdirSync(home).filter((each) => each.startsWith(".install-")))
    rmSync(join(home, name), { recursive: true, force: true }); // of a killed set-up
  const staging = mkdtempSync(join(home, ".install-"));
  try {
    installInto(staging, home);
    replaceModules(join(staging, "node_modules"), join(staging, "old"));
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function replaceModules(fresh, old) {
  const modules = join(home, "node_modules");
  if (existsSync(modules)) renameSync(modules, old);
  renameSync(fresh, modules);
}

/** Without what the outer npm set for its own run (its config and this project's .bin in PATH). */
function environment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(lifecycle|package|command|config_local_prefix|config_prefix)/.test(name),
  );
  const PATH = (process.env.PATH ?? "")
    .split(":")
    .filter((directory) => !directory.endsWith("/node_modules/.bin"))
    .join(":");
  return { ...Object.fromEntries(kept), PATH };
}
