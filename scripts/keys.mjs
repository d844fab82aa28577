// Writes the key map of the terminal UI, derived from the action table, between its markers in docs/keys.md.
// `node scripts/keys.mjs --check` only says whether it is current (exit 1 when it is not).
import { fileURLToPath } from "node:url";
import { update, withPart } from "./generated-part.mjs";

export const page = "docs/keys.md";
export const begin = "<!-- keys: begin (written by scripts/keys.mjs) -->";
export const end = "<!-- keys: end -->";

/** The page with a fresh key map between its markers; undefined when it has none. */
export async function withKeys(text) {
  const { keyTables } = await import("../views/key-tables.ts");
  return withPart(text, { begin, end }, keyTables());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await update(page, withKeys));
