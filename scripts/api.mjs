// Writes the reference of the API, derived from the table of routes, between its markers in docs/api.md.
// `node scripts/api.mjs --check` only says whether it is current (exit 1 when it is not).
import { fileURLToPath } from "node:url";
import { update, withPart } from "./generated-part.mjs";

export const page = "docs/api.md";
const begin = "<!-- routes: begin (written by scripts/api.mjs) -->";
const end = "<!-- routes: end -->";

const inTable = (text) => text.replaceAll("|", "\\|");

function parameterTable(query) {
  const rows = Object.entries(query).map(([name, { kind, help }]) => `| \`${name}\` | ${inTable(kind)} | ${inTable(help)} |`);
  return rows.length > 0 ? ["", "| Parameter | Kind | What it does |", "| --- | --- | --- |", ...rows] : [];
}

/** A list of members, and below each object its own. */
function membersOf(members, depth = 0) {
  return Object.entries(members).flatMap(([name, { kind, members: inside }]) => [
    `${"  ".repeat(depth)}- \`${name}\`: ${kind}`,
    ...(inside ? membersOf(inside, depth + 1) : []),
  ]);
}

const bodyOf = (body) => (body ? ["", "Body, JSON:", "", ...membersOf(body.members ?? {})] : []);

function section({ method, path, summary, query, body, hijacks }) {
  const note = hijacks ? ["", "Takes the connection over: 101 for who asks for an upgrade, else 200."] : [];
  return ["", `### ${method} ${path}`, "", `${summary}.`, ...note, ...parameterTable(query), ...bodyOf(body)];
}

/** The page with a fresh reference between its markers; undefined when it has none. */
export async function withReference(text) {
  const { groups } = await import("../engine/serve/table.ts");
  const lines = groups.flatMap(({ title, routes }) => ["", `## ${title}`, ...routes.flatMap(section)]);
  return withPart(text, { begin, end }, `${lines.join("\n").trim()}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await update(page, withReference));
