// The parts of pages under docs/ that are made from tables of the program: each stands between two markers.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { home } from "./sources.mjs";

/** The page with a fresh text between its markers; undefined when it has none. */
export function withPart(page, { begin, end }, text) {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) return undefined;
  return `${page.slice(0, from + begin.length)}\n\n${text}\n${page.slice(to)}`;
}

/** Writes the part into its page; with --check only the exit status says whether it is current. @returns the status */
export async function update(file, withFresh) {
  const page = readFileSync(join(home, file), "utf8");
  const fresh = await withFresh(page);
  if (fresh === undefined) {
    console.error(`${file} has lost its markers`);
    return 1;
  }
  if (process.argv.includes("--check")) return fresh === page ? 0 : 1;
  writeFileSync(join(home, file), fresh);
  return 0;
}
