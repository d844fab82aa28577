/** The variables that a document uses, and what stands for them when they are not set (`config --variables`). Pure. */
import { isTree, type Tree } from "../source/places.ts";
import { TemplateProblem, templateParts } from "../values/template.ts";
import { printYaml } from "./yaml.ts";

export interface UsedVariable {
  Name: string;
  DefaultValue: string;
  /** What it is replaced by when it is set. */
  PresenceValue: string;
  Required: boolean;
}

/** By name, sorted; of several uses the last counts. */
export function variablesOf(document: Tree): Record<string, UsedVariable> {
  const found = new Map<string, UsedVariable>();
  collect(document, found);
  return Object.fromEntries([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** As YAML, in Go's letters and order, indented by four: it is no document of Compose. */
export function printVariables(used: Readonly<Record<string, UsedVariable>>): string {
  const membersOf = ({ Name, DefaultValue, PresenceValue, Required }: UsedVariable) =>
    new Map<string, string | boolean>([
      ["name", Name],
      ["defaultvalue", DefaultValue],
      ["presencevalue", PresenceValue],
      ["required", Required],
    ]);
  const text = printYaml(new Map(Object.entries(used).map(([name, variable]) => [name, membersOf(variable)])));
  return text.replace(/^ {2}/gm, "    ");
}

function collect(value: unknown, found: Map<string, UsedVariable>): void {
  if (typeof value === "string") fromText(value, found);
  else if (Array.isArray(value)) for (const each of value) collect(each, found);
  else if (isTree(value)) for (const name of Object.keys(value)) collect(value[name], found);
}

function fromText(text: string, found: Map<string, UsedVariable>): void {
  for (const part of partsOf(text)) {
    if (typeof part === "string") continue;
    const { name, operator = "", word } = part;
    const kind = operator.at(-1);
    found.set(name, {
      Name: name,
      DefaultValue: kind === "-" ? word : "",
      PresenceValue: kind === "+" ? word : "",
      Required: kind === "?",
    });
    fromText(word, found);
  }
}

/** None of a text that cannot be read: whoever interpolates it says so. */
function partsOf(text: string): ReturnType<typeof templateParts> {
  try {
    return templateParts(text);
  } catch (error) {
    if (error instanceof TemplateProblem) return [];
    throw error;
  }
}
