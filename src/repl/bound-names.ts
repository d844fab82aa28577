/** The names that statements bind, and the terminals that they open, wherever they stand in them. Pure. */
import type { Parsed } from "./statement.ts";

/** The terminals that statements, and those within them, open. */
export function terminalsOf(statements: readonly Parsed[]): string[] {
  return statements.flatMap((statement) => {
    if (statement.kind === "spawn") return [statement.session];
    const within = [...("body" in statement ? statement.body : []), ...("otherwise" in statement ? statement.otherwise : [])];
    return terminalsOf(within);
  });
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
      return [...namesBoundBy(statement.body), ...namesBoundBy(statement.otherwise)];
    case "try":
      return [
        ...(statement.name === undefined ? [] : [statement.name]),
        ...namesBoundBy(statement.body),
        ...namesBoundBy(statement.otherwise),
      ];
    case "expect-session":
      return statement.closed ? [] : ["match", "matched", "before"];
    case "while":
    case "repeat":
    case "defer":
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
