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
  return statements.flatMap(boundBy);
}

function boundBy(statement: Parsed): string[] {
  switch (statement.kind) {
    case "let":
    case "assign":
      return [statement.name];
    case "for":
      return [statement.name, ...namesBoundBy(statement.body)];
    case "if":
      return [...boundBy(statement.test), ...namesBoundBy(statement.body), ...namesBoundBy(statement.otherwise)];
    case "try":
      return [
        ...(statement.name === undefined ? [] : [statement.name]),
        ...namesBoundBy(statement.body),
        ...namesBoundBy(statement.otherwise),
      ];
    case "expect-session":
      return statement.closed ? [] : ["match", "matched", "before", ...statement.patterns.flatMap(groupsOf)];
    case "logs-until":
      return ["match", "matched", "before", ...statement.patterns.flatMap(groupsOf)];
    case "expect-several":
      return namesBoundBy(statement.tests);
    case "assert":
      return boundBy(statement.test);
    case "expect-cases":
      return [
        ...["match", "matched", "before"],
        ...statement.cases.flatMap(({ on, body }) => [...(typeof on === "string" ? [] : on.flatMap(groupsOf)), ...namesBoundBy(body)]),
      ];
    case "while":
      return [...boundBy(statement.test), ...namesBoundBy(statement.body)];
    case "repeat":
    case "defer":
    case "on":
    case "timeout":
    case "retry":
      return namesBoundBy(statement.body);
    case "parallel":
      // Its branches bind for themselves, but for a let that is one.
      return statement.each ? [] : statement.body.flatMap((one) => (one.kind === "let" || one.kind === "assign" ? [one.name] : []));
    default:
      return [];
  }
}
