// Writes the command reference, derived from the command table, between its markers in docs/commands.md.
// `node scripts/reference.mjs --check` only says whether it is current (exit 1 when it is not).
import { fileURLToPath } from "node:url";
import { update, withPart } from "./generated-part.mjs";

export const page = "docs/commands.md";
export const begin = "<!-- commands: begin (written by scripts/reference.mjs) -->";
export const end = "<!-- commands: end -->";

/** The page with a fresh reference between its markers; undefined when it has none. */
export async function withReference(text) {
  const { reference } = await import("../src/help.ts");
  return withPart(text, { begin, end }, await reference());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await update(page, withReference));
