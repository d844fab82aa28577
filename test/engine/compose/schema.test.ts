/** The schema asks for nothing that the interpreter does not know. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const schema = JSON.parse(readFileSync(new URL("../../../engine/compose/schema/compose-spec.json", import.meta.url), "utf8"));

/** Of JSON Schema, what validate.ts reads, and what says something to people only. */
const known = [
  ...["$ref", "type", "enum", "pattern", "minimum", "maximum", "required", "properties", "patternProperties", "additionalProperties"],
  ...["items", "uniqueItems", "oneOf", "definitions", "$schema", "$id", "default", "title", "description", "deprecated"],
];

/** Keywords of a schema and of those in it. */
function keywords(at: Record<string, unknown>): string[] {
  const under = (name: string) => Object.values((at[name] ?? {}) as Record<string, Record<string, unknown>>);
  const parts = [
    ...under("properties"),
    ...under("patternProperties"),
    ...under("definitions"),
    ...((at["oneOf"] ?? []) as []),
    at["items"],
  ];
  const inner = [...parts, at["additionalProperties"]].filter((each) => typeof each === "object" && each !== null);
  return [...Object.keys(at), ...inner.flatMap((each) => keywords(each as Record<string, unknown>))];
}

test("its keywords are known", () => {
  const used = new Set(keywords(schema));
  expect([...used].filter((name) => !known.includes(name))).toEqual([]);
  expect(used.size).toBeGreaterThan(10);
});

test("where oneOf stands, only types stand beside it", () => {
  const beside: string[] = [];
  const walk = (at: unknown): void => {
    if (typeof at !== "object" || at === null) return;
    if ("oneOf" in at) beside.push(...Object.keys(at));
    for (const each of Object.values(at)) walk(each);
  };
  walk(schema);
  expect([...new Set(beside)].sort()).toEqual(["description", "oneOf"]);
});

test("references are to definitions", () => {
  const names = [...JSON.stringify(schema).matchAll(/"\$ref":"([^"]+)"/g)].map(([, name = ""]) => name);
  expect(names.every((name) => name.startsWith("#/definitions/") && name.slice("#/definitions/".length) in schema.definitions)).toBe(true);
});
