/** WWW-Authenticate (RFC 9110, section 11.6.1): which schemes a registry takes, with their parameters. Pure. */

export interface Challenge {
  /** Lower case: "bearer", "basic". */
  scheme: string;
  /** By lower-case name: realm, service, scope, error. */
  parameters: Record<string, string>;
}

const parameterPattern = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))\s*(?:,|$)/;

/** Parses a header that may hold several challenges; what is malformed is left out. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let rest = header;
  while (rest.trim() !== "") {
    const parameter = parameterPattern.exec(rest);
    if (parameter && challenges.length > 0) {
      const [whole, name = "", quoted, bare] = parameter;
      challenges.at(-1)!.parameters[name.toLowerCase()] = quoted === undefined ? (bare ?? "") : quoted.replaceAll(/\\(.)/g, "$1");
      rest = rest.slice(whole.length);
      continue;
    }
    const scheme = /^[\s,]*([\w!#$%&'*+.^`|~-]+)\s*/.exec(rest);
    if (!scheme) break;
    challenges.push({ scheme: scheme[1]!.toLowerCase(), parameters: {} });
    rest = rest.slice(scheme[0].length);
  }
  return challenges;
}
