// Writes the command reference, derived from the command table, between its markers in README.md.
// `node scripts/reference.mjs --check` only says whether it is current (exit 1 when it is not).
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const readme = fileURLToPath(new URL("../README.md", import.meta.url));

export const begin = "<!-- commands: begin (written by scripts/reference.mjs) -->";
export const end = "<!-- commands: end -->";

/** The README with a fresh reference between its markers; undefined when it has none. */
export async function withReference(text) {
  const { reference } = await import("../src/help.ts");
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) return undefined;
  return `${text.slice(0, from + begin.length)}\n\n${await reference()}\n${text.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(readme, "utf8");
  const fresh = await withReference(text);
  if (fresh === undefined) {
    console.error(`README.md has no markers:\n${begin}\n${end}`);
    process.exit(1);
  }
  if (process.argv.includes("--check")) process.exit(fresh === text ? 0 : 1);
  writeFileSync(readme, fresh);
}
