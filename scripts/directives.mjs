// Writes the table of berth's directives, derived from the parser's, between its markers in docs/security-directives.md.
// `node scripts/directives.mjs --check` only says whether it is current (exit 1 when it is not).
import { fileURLToPath } from "node:url";
import { update, withPart } from "./generated-part.mjs";

export const page = "docs/security-directives.md";
export const begin = "<!-- directives: begin (written by scripts/directives.mjs) -->";
export const end = "<!-- directives: end -->";

/** The page with a fresh table between its markers; undefined when it has none. */
export async function withDirectives(text) {
  const { directiveSpecs } = await import("../engine/dockerfile/berth-directives.ts");
  const rows = directiveSpecs.map(
    ({ name, usage, kind, summary }) => `| \`# berth:${[name, usage].filter(Boolean).join(" ")}\` | ${kind} | ${summary} |`,
  );
  return withPart(text, { begin, end }, ["| directive | kind | what it demands |", "|---|---|---|", ...rows, ""].join("\n"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await update(page, withDirectives));
