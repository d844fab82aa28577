/**
 * Rules by path: "services.*.ports" names what stands at `ports` of any service, "services.*.ports.[]" each item of that list. A table of
 * them becomes a tree that is walked along with the values, so that nothing below a path without rules is looked at. Pure.
 */

export interface Rules<Rule> {
  rule?: Rule;
  names?: Map<string, Rules<Rule>>;
  any?: Rules<Rule>;
}

export function rules<Rule>(table: Readonly<Record<string, Rule>>): Rules<Rule> {
  const root: Rules<Rule> = {};
  for (const [path, rule] of Object.entries(table)) {
    let at = root;
    for (const part of path.split(".")) at = child(at, part);
    at.rule = rule;
  }
  return root;
}

function child<Rule>(at: Rules<Rule>, part: string): Rules<Rule> {
  if (part === "*") return (at.any ??= {});
  at.names ??= new Map();
  const found = at.names.get(part) ?? {};
  at.names.set(part, found);
  return found;
}

/** The rules below a name; of a list's items the name is "[]". */
export function below<Rule>(at: Rules<Rule> | undefined, name: string): Rules<Rule> | undefined {
  return at?.names?.get(name) ?? at?.any;
}
