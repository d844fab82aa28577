// What the bundle is made from, and whether dist/ still matches it. Plain JavaScript for Node 18: setup runs it before
// anything is installed.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const home = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Folders and files that end up in the bundle, or decide how it is made. */
const inputs = [
  ...["engine", "src", "views", "scripts/bun", "package.json", "package-lock.json", "tsconfig.json"],
  ...["bundle", "declarations", "ink-memo", "ink-rows", "quick", "quick-start"].map((name) => `scripts/${name}.mjs`),
];

/** Path of the file, inside dist/, that holds the digest of the sources it was made from. */
export const stampFile = join(home, "dist", "sources.sha256");

function* files(path) {
  let entries;
  try {
    entries = readdirSync(join(home, path), { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOTDIR") yield path;
    else if (error.code !== "ENOENT") throw error;
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory()) yield* files(`${path}/${entry.name}`);
    else if (/\.(tsx?|mjs|json|wasm)$/.test(entry.name)) yield `${path}/${entry.name}`;
  }
}

/** Digest over names and contents: a checkout that touches every file without changing it rebuilds nothing. */
export function digestOfSources() {
  const hash = createHash("sha256");
  for (const input of inputs) {
    for (const path of files(input))
      hash
        .update(`${path}\0`)
        .update(readFileSync(join(home, path)))
        .update("\0");
  }
  return hash.digest("hex");
}

/** True when dist/ was made from exactly these sources. */
export function isBundleFresh(digest = digestOfSources()) {
  try {
    return readFileSync(stampFile, "utf8").trim() === digest;
  } catch {
    return false;
  }
}
