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
  if (!problems) return;
  const { path, suggestion, text } = deepest(problems);
  throw wrongAt(document, path, text, { suggestion });
}

function deepest(problems: readonly Problem[]): Problem {
  return problems.reduce((best, each) => (each.depth > best.depth ? each : best));
}

/** undefined where all is right, which is nearly always. @param path changed while it is walked, and as before afterwards */
function check(value: unknown, at: Schema, path: string[]): Problem[] | undefined {
  const rule = at.$ref ? schema.definitions[at.$ref.slice("#/definitions/".length)]! : at;
  if (rule.type && !isOfType(value, rule.type)) return [problem(path, `must be ${words(rule.type)}`)];
  if (rule.oneOf) return checkOneOf(value, rule.oneOf, path);
  if (Array.isArray(value)) return checkList(value, rule, path);
  return isTree(value) ? checkMapping(value, rule, path) : checkScalar(value, rule, path);
}

function checkUnder(name: string, value: unknown, at: Schema, path: string[]): Problem[] | undefined {
  path.push(name);
  const found = check(value, at, path);
  path.pop();
  return found;
}

function both(some: Problem[] | undefined, more: Problem[] | undefined): Problem[] | undefined {
  return some && more ? [...some, ...more] : (some ?? more);
}

function problem(path: Path, text: string, options: { suggestion?: string } = {}): Problem {
  return { path: [...path], text, depth: path.length, ...options };
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

function checkOneOf(value: unknown, branches: readonly Schema[], path: string[]): Problem[] | undefined {
  const results = branches.map((branch) => check(value, branch, path));
  const fits = results.filter((each) => !each).length;
  if (fits === 1) return undefined;
  if (fits > 1) return [problem(path, "can be read in more than one way")];
  const found = deepest(results.flatMap((each) => each ?? []));
  const types = branches.flatMap(({ type = [] }) => type);
  const isAllTypes = found.depth === path.length && types.length > 1;
  return [isAllTypes ? problem(path, `must be ${words([...new Set(types)])}`) : found];
}

function checkMapping(value: Tree, rule: Schema, path: string[]): Problem[] | undefined {
  let problems: Problem[] | undefined;
  for (const name of rule.required ?? []) if (!(name in value)) problems = both(problems, [problem(path, `"${name}" is missing`)]);
  for (const name of Object.keys(value)) problems = both(problems, checkMember(value[name], name, rule, path));
  return problems;
}

function checkMember(value: unknown, name: string, rule: Schema, path: string[]): Problem[] | undefined {
  const { additionalProperties = true, patternProperties, properties } = rule;
  const own = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
  let problems = own && checkUnder(name, value, own, path);
  let isKnown = own !== undefined;
  for (const pattern in patternProperties) {
    if (!fits(name, pattern)) continue;
    isKnown = true;
    problems = both(problems, checkUnder(name, value, patternProperties[pattern]!, path));
  }
  if (isKnown || additionalProperties === true) return problems;
  return additionalProperties === false ? [unknown(name, rule, path)] : checkUnder(name, value, additionalProperties, path);
}

/** At the name itself, with the one that was probably meant. */
function unknown(name: string, { patternProperties = {}, properties = {} }: Schema, path: Path): Problem {
  const isName = Object.keys(patternProperties).some((pattern) => pattern !== "^x-");
  const text = isName ? `"${name}" is no valid name` : `unknown element "${name}"`;
  return { path: [...path, name], text, depth: path.length + 1, suggestion: nearestName(name, Object.keys(properties)) };
}

function checkList(value: readonly unknown[], { items, uniqueItems }: Schema, path: string[]): Problem[] | undefined {
  if (uniqueItems && value.length > 1) {
    const texts = value.map((each) => JSON.stringify(each));
    const again = texts.findIndex((each, index) => texts.indexOf(each) !== index);
    if (again >= 0) return [problem([...path, String(again)], `${texts[again]} stands here for the second time`)];
  }
  let problems: Problem[] | undefined;
  if (items) for (const [index, each] of value.entries()) problems = both(problems, checkUnder(String(index), each, items, path));
  return problems;
}

function checkScalar(value: unknown, rule: Schema, path: Path): Problem[] | undefined {
  if (rule.enum && !rule.enum.includes(value)) {
    const suggestion = typeof value === "string" ? nearestName(value, rule.enum.map(String)) : undefined;
    return [problem(path, `must be one of ${rule.enum.map((each) => JSON.stringify(each)).join(", ")}`, { suggestion })];
  }
  if (rule.pattern && typeof value === "string" && !fits(value, rule.pattern))
    return [problem(path, `"${value}" does not fit the pattern ${rule.pattern}`)];
  if (rule.minimum !== undefined && (value as number) < rule.minimum) return [problem(path, `must be ${rule.minimum} or more`)];
  if (rule.maximum !== undefined && (value as number) > rule.maximum) return [problem(path, `must be ${rule.maximum} or less`)];
  return undefined;
}

const expressions = new Map<string, RegExp>();

function fits(text: string, pattern: string): boolean {
  if (pattern === "^x-") return text.startsWith("x-");
  let expression = expressions.get(pattern);
  if (!expression) expressions.set(pattern, (expression = new RegExp(pattern)));
  return expression.test(text);
}
