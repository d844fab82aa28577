/** The names that statements bind, and the terminals that they open, wherever they stand in them. Pure. */
import type { Parsed } from "./statement.ts";
import { literal, type Word } from "./words.ts";

/** The terminals that statements, and those within them, open. */
export function terminalsOf(statements: readonly Parsed[]): string[] {
  return statements.flatMap((statement) => {
    if (statement.kind === "spawn") return [statement.session];
    if (statement.kind === "expect-cases") return terminalsOf(statement.cases.flatMap(({ body }) => body));
    const within = [...("body" in statement ? statement.body : []), ...("otherwise" in statement ? statement.otherwise : [])];
    return terminalsOf(within);
  });
}

/** The named groups of a pattern, `/(?<port>\d+)/`: each is bound to what it matched. */
export function groupsOf(pattern: Word): string[] {
  const text = literal(pattern);
  return text.startsWith("/") ? [...text.matchAll(/\(\?<([A-Za-z_]\w*)>/g)].map(([, name]) => name!) : [];
}

export function namesBoundBy(statements: readonly Parsed[]): string[] {
  const names: string[] = [];
  for (const statement of statements) bound(statement, names);
  return names;
}

const ofPatterns = ["match", "matched", "before"];

/** Adds them to what is there: there may be very many statements, most of which bind nothing. */
function bound(statement: Parsed, names: string[]): void {
  const within = (statements: readonly Parsed[]) => {
    for (const each of statements) bound(each, names);
  };
  switch (statement.kind) {
    case "let":
    case "assign":
      names.push(statement.name);
      break;
    case "for":
      names.push(statement.name);
      within(statement.body);
      break;
    case "if":
      bound(statement.test, names);
      within(statement.body);
      within(statement.otherwise);
      break;
    case "try":
      if (statement.name !== undefined) names.push(statement.name);
      within(statement.body);
      within(statement.otherwise);
      break;
    case "expect-session":
      if (!statement.closed) names.push(...ofPatterns, ...statement.patterns.flatMap(groupsOf));
      break;
    case "logs-until":
      names.push(...ofPatterns, ...statement.patterns.flatMap(groupsOf));
      break;
    case "expect-several":
      within(statement.tests);
      break;
    case "assert":
      bound(statement.test, names);
      break;
    case "expect-cases":
      names.push(...ofPatterns);
      for (const { on, body } of statement.cases) {
        if (typeof on !== "string") names.push(...on.flatMap(groupsOf));
        within(body);
      }
      break;
    case "while":
      bound(statement.test, names);
      within(statement.body);
      break;
    case "repeat":
    case "defer":
    case "on":
    case "timeout":
    case "retry":
      within(statement.body);
      break;
    case "parallel":
      // Its branches bind for themselves, but for a let that is one.
      if (!statement.each) for (const one of statement.body) if (one.kind === "let" || one.kind === "assign") names.push(one.name);
  }
}
