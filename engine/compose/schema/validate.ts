/**
 * A document against the Compose Specification's JSON schema. Of JSON Schema (draft 7) it knows what that schema uses (a test
 * compares), so nothing is compiled, and an error is found where it is most specific. Pure.
 */
import { nearestName } from "../../suggest.ts";
import { isTree, type Path, type Tree, wrongAt } from "../source/places.ts";
import composeSchema from "./compose-spec.json" with { type: "json" };

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  uniqueItems?: boolean;
  oneOf?: Schema[];
}

interface Problem {
  path: Path;
  text: string;
  /** How far in: of several problems the deepest says most. */
  depth: number;
  suggestion?: string;
}

const schema = composeSchema as unknown as Schema & { definitions: Record<string, Schema> };

/** @throws EngineError `compose`, located at the deepest problem */
export function validate(document: Tree): void {
  const problems = check(document, schema, []);
  if (problems.length === 0) return;
  const { path, suggestion, text } = deepest(problems);
  throw wrongAt(document, path, text, { suggestion });
}

function deepest(problems: readonly Problem[]): Problem {
  return problems.reduce((best, each) => (each.depth > best.depth ? each : best));
}

const none: readonly Problem[] = [];

function check(value: unknown, at: Schema, path: Path): readonly Problem[] {
  const rule = at.$ref ? schema.definitions[at.$ref.slice("#/definitions/".length)]! : at;
  if (rule.type && !isOfType(value, rule.type)) return [problem(path, `must be ${words(rule.type)}`)];
  if (rule.oneOf) return checkOneOf(value, rule.oneOf, path);
  if (isTree(value)) return checkMapping(value, rule, path);
  if (Array.isArray(value)) return checkList(value, rule, path);
  return checkScalar(value, rule, path);
}

function problem(path: Path, text: string, options: { suggestion?: string; depth?: number } = {}): Problem {
  return { path, text, depth: path.length, ...options };
}

function isOfType(value: unknown, type: string | string[]): boolean {
  if (Array.isArray(type)) return type.some((each) => isOfType(value, each));
  switch (type) {
    case "object":
      return isTree(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

/** "a mapping", "a list or a string". */
function words(type: string | string[]): string {
  const names: Record<string, string> = { object: "a mapping", array: "a list", integer: "an integer", null: "empty" };
  return [type]
    .flat()
    .map((each) => names[each] ?? `a ${each}`)
    .join(" or ");
}

function checkOneOf(value: unknown, branches: readonly Schema[], path: Path): readonly Problem[] {
  const results = branches.map((branch) => check(value, branch, path));
  const fits = results.filter((each) => each.length === 0).length;
  if (fits === 1) return none;
  if (fits > 1) return [problem(path, "can be read in more than one way")];
  const found = deepest(results.flat());
  const types = branches.flatMap(({ type = [] }) => type);
  const isAllTypes = found.depth === path.length && types.length > 1;
  return [isAllTypes ? problem(path, `must be ${words([...new Set(types)])}`) : found];
}

function checkMapping(value: Tree, rule: Schema, path: Path): readonly Problem[] {
  let problems = none;
  for (const name of rule.required ?? []) if (!(name in value)) problems = [...problems, problem(path, `"${name}" is missing`)];
  for (const name of Object.keys(value)) {
    const found = checkMember(value[name], name, rule, path);
    if (found.length > 0) problems = [...problems, ...found];
  }
  return problems;
}

function checkMember(value: unknown, name: string, rule: Schema, path: Path): readonly Problem[] {
  const own = rule.properties && Object.hasOwn(rule.properties, name) ? rule.properties[name] : undefined;
  const byPattern = Object.entries(rule.patternProperties ?? {}).filter(([pattern]) => expression(pattern).test(name));
  const schemas = [...(own ? [own] : []), ...byPattern.map(([, each]) => each)];
  if (schemas.length === 0) {
    const { additionalProperties = true } = rule;
    if (additionalProperties === false) return [unknown(name, rule, path)];
    if (additionalProperties !== true) schemas.push(additionalProperties);
  }
  return schemas.flatMap((each) => check(value, each, [...path, name]));
}

/** At the name itself, with the one that was probably meant. */
function unknown(name: string, { patternProperties = {}, properties = {} }: Schema, path: Path): Problem {
  const isName = Object.keys(patternProperties).some((pattern) => pattern !== "^x-");
  const text = isName ? `"${name}" is no valid name` : `unknown element "${name}"`;
  return { path: [...path, name], text, depth: path.length + 1, suggestion: nearestName(name, Object.keys(properties)) };
}

function checkList(value: readonly unknown[], { items, uniqueItems }: Schema, path: Path): readonly Problem[] {
  if (uniqueItems && value.length > 1) {
    const texts = value.map((each) => JSON.stringify(each));
    const again = texts.findIndex((each, index) => texts.indexOf(each) !== index);
    if (again >= 0) return [problem([...path, String(again)], `${texts[again]} stands here for the second time`)];
  }
  return items ? value.flatMap((each, index) => check(each, items, [...path, String(index)])) : none;
}

function checkScalar(value: unknown, rule: Schema, path: Path): readonly Problem[] {
  if (rule.enum && !rule.enum.includes(value)) {
    const suggestion = typeof value === "string" ? nearestName(value, rule.enum.map(String)) : undefined;
    return [problem(path, `must be one of ${rule.enum.map((each) => JSON.stringify(each)).join(", ")}`, { suggestion })];
  }
  if (rule.pattern && typeof value === "string" && !expression(rule.pattern).test(value))
    return [problem(path, `"${value}" does not fit the pattern ${rule.pattern}`)];
  if (rule.minimum !== undefined && (value as number) < rule.minimum) return [problem(path, `must be ${rule.minimum} or more`)];
  if (rule.maximum !== undefined && (value as number) > rule.maximum) return [problem(path, `must be ${rule.maximum} or less`)];
  return none;
}

const expressions = new Map<string, RegExp>();

function expression(pattern: string): RegExp {
  const found = expressions.get(pattern) ?? new RegExp(pattern);
  expressions.set(pattern, found);
  return found;
}
