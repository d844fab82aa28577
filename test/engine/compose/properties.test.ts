/** What holds for any project, any text and any file: round trips, merging, interpolation, and that no input makes the loader break. */

import { expect, test } from "vitest";
import { printProject } from "../../../engine/compose/index.ts";
import { type Ordered, sorted } from "../../../engine/compose/print/ordered.ts";
import { printYaml } from "../../../engine/compose/print/yaml.ts";
import { parseYaml } from "../../../engine/compose/source/yaml.ts";
import { substitute } from "../../../engine/compose/values/template.ts";
import { EngineError } from "../../../engine/errors.ts";
import { load } from "../../support/compose-files.ts";
import fc from "../../support/property.ts";

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("yes", "0x1", "1e3", "~", "a: b", "- a", "#", "\n x", "x\n\n"),
);
/** Numbers that mean the same in every notation. */
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => {
  return JSON.parse(JSON.stringify(value), (_, each) => (typeof each === "number" ? Math.trunc(each % 1e6) + 0.5 : each));
});
const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
const words = fc.array(text, { maxLength: 4 });
const port = fc.integer({ min: 1, max: 65_535 });

const service = fc.record(
  {
    image: fc.stringMatching(/^[a-z0-9./:-]{1,20}$/),
    command: fc.oneof(words, fc.constant(null)),
    entrypoint: words,
    environment: fc.dictionary(name, fc.oneof(text, fc.boolean(), fc.integer(), fc.constant(null))),
    labels: fc.dictionary(name, text),
    ports: fc.uniqueArray(port, { maxLength: 3 }).map((all) => all.map((each) => `${each}:${each}`)),
    volumes: fc.uniqueArray(name, { maxLength: 3 }).map((all) => all.map((each) => `/host/${each}:/in/${each}:ro`)),
    hostname: text,
    privileged: fc.boolean(),
    init: fc.boolean(),
    cpus: fc.integer({ min: 1, max: 64 }).map((eighths) => eighths / 8),
    mem_limit: fc.integer({ min: 1, max: 2 ** 40 }),
    stop_grace_period: fc.integer({ min: 0, max: 100_000 }).map((ms) => `${ms}ms`),
    healthcheck: fc.record({ test: words.map((all) => ["CMD", ...all]), retries: fc.nat(10) }),
    "x-any": json.filter((value) => !/\$/.test(JSON.stringify(value))), // names are not interpolated
  },
  { requiredKeys: ["image"] },
);

const project = fc.record({ name, services: fc.dictionary(name, service, { minKeys: 1, maxKeys: 3 }) });

/** JSON is YAML; a dollar sign in it is to be one. */
const file = (value: unknown) => JSON.stringify(value).replaceAll("$", "$$$$");

test("what is printed is the same project when it is read", async () => {
  await fc.assert(
    fc.asyncProperty(project, fc.constantFrom("yaml" as const, "json" as const), async (any, face) => {
      const first = (await load({ "compose.yaml": file(any) })).model;
      const again = (await load({ "compose.yaml": printProject(first, face).replaceAll("$", "$$$$") })).model;
      // JSON leaves out extensions below the top, as docker compose's does.
      const of = (model: typeof first) => printProject(model, face === "json" ? "json" : "yaml");
      expect(of(again)).toBe(of(first));
    }),
    { numRuns: 150 },
  );
});

test("a later file that says nothing, or the same, changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(project, async (any) => {
      const once = (await load({ "compose.yaml": file(any) })).model;
      const files = { "compose.yaml": file(any), "compose.override.yaml": file({ services: {} }) };
      expect(printProject((await load(files)).model, "yaml")).toBe(printProject(once, "yaml"));
      const same = { ...files, "compose.override.yaml": file({ ...any, "x-any": null }) };
      const twice = (await load(same)).model;
      for (const [key, each] of Object.entries(twice.services)) {
        const { "x-any": _any, ...rest } = each;
        const { "x-any": _other, ...before } = once.services[key]!;
        expect(rest).toEqual(before);
      }
    }),
    { numRuns: 60 },
  );
});

test("what a later file says wins, and what it does not say stays", async () => {
  await fc.assert(
    fc.asyncProperty(service, service, async ({ "x-any": _one, ...one }, { "x-any": _other, ...other }) => {
      const files = { "compose.yaml": file({ services: { s: one } }), "compose.override.yaml": file({ services: { s: other } }) };
      const [merged, first, second] = await Promise.all(
        [files, { "compose.yaml": files["compose.yaml"] }, { "compose.yaml": files["compose.override.yaml"] }].map(
          async (each) => (await load(each)).model.services["s"]!,
        ),
      );
      expect(merged!.image).toBe(second!.image);
      for (const element of ["cpus", "mem_limit", "hostname", "init"] as const)
        if (element in other && second![element] !== undefined) expect(merged![element]).toEqual(second![element]);
        else if (!(element in other)) expect(merged![element]).toEqual(first![element]);
      for (const element of ["labels", "environment"] as const)
        expect(merged![element] ?? {}).toEqual({ ...first![element], ...second![element] });
    }),
    { numRuns: 100 },
  );
});

test("any value is the same when its YAML is read", async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(text, json), async (value) => {
      const tree = Object.assign(Object.create(null), value);
      fc.pre(!/[\ud800-\udfff]/.test(JSON.stringify(value).replace(/[\ud800-\udbff][\udc00-\udfff]/g, "")));
      const [document] = await parseYaml({ name: "printed", text: printYaml(sorted(tree, "yaml") as Ordered) });
      expect(JSON.parse(JSON.stringify(document!.value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 600 },
  );
});

test("texts without variables stay, and doubled dollar signs become one", () => {
  fc.assert(
    fc.property(text, (any) => {
      expect(substitute(any.replaceAll("$", "$$$$"), () => "never")).toBe(any);
    }),
  );
});

test("operators do what the shell's do", () => {
  const value = fc.option(fc.constantFrom("", "value"), { nil: undefined });
  const operator = fc.constantFrom(":-", "-", ":+", "+");
  const word = fc.stringMatching(/^[a-z {}:?+-]{0,12}$/).filter((each) => !/[{}]/.test(each));
  fc.assert(
    fc.property(value, operator, word, word, (held, sign, first, behind) => {
      const isThere = held !== undefined && (held !== "" || !sign.startsWith(":"));
      const wanted = sign.endsWith("+") ? (isThere ? first : (held ?? "")) : isThere ? held : first;
      expect(substitute(`<\${V${sign}${first}}${behind}>`, () => held)).toBe(`<${wanted}${behind}>`);
      expect(substitute(`\${NOT:-\${V${sign}${first}}}`, (each) => (each === "V" ? held : undefined))).toBe(wanted);
    }),
  );
});

test("no file makes the loader break: it is a project, or an error that says where", async () => {
  const sample = [
    "x-a: &a {b: [1, 'two', \"th\\u0072ee\"]}\nservices:\n  web: &w\n    image: ${IMAGE:-web}\n    <<: *a\n    ports: ['80:80', {target: 81}]\n",
    "  db:\n    extends: web\n    command: >-\n      a b\n      c\n    environment: [A=1, B]\n    depends_on: {web: {condition: service_started}}\n",
    "networks: {default: {ipam: {config: [{subnet: 10.0.0.0/8}]}}}\nvolumes: {v: !reset null}\ninclude: [x.yaml]\n",
  ].join("");
  const edit = fc.record({
    at: fc.nat(sample.length),
    length: fc.nat(12),
    text: fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom("\n", "{", "]", ": ", "- ", "*w", "&w ", "!override ", "${", "\t", "null", "~", "|", "'"),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
      const broken = edits.reduce((all, { at, length, text: put }) => all.slice(0, at) + put + all.slice(at + length), sample);
      const outcome = await load({ "compose.yaml": broken, "x.yaml": "services: {}" }).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome, broken).toBeInstanceOf(EngineError);
    }),
    { numRuns: 1500 },
  );
});
