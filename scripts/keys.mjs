// Writes the key map of the terminal UI, derived from the action table, between its markers in README.md.
// `node scripts/keys.mjs --check` only says whether it is current (exit 1 when it is not).
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const readme = fileURLToPath(new URL("../README.md", import.meta.url));

export const begin = "<!-- keys: begin (written by scripts/keys.mjs) -->";
export const end = "<!-- keys: end -->";

/** The README with a fresh key map between its markers; undefined when it has none. */
export async function withKeys(text) {
  const { keyTables } = await import("../views/key-tables.ts");
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) return undefined;
  return `${text.slice(0, from + begin.length)}\n\n${keyTables()}\n${text.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(readme, "utf8");
  const fresh = await withKeys(text);
  if (fresh === undefined) {
    console.error(`README.md has no markers:\n${begin}\n${end}`);
    process.exit(1);
  }
  if (process.argv.includes("--check")) process.exit(fresh === text ? 0 : 1);
  writeFileSync(readme, fresh);
}
