/** What a project is published as: byte for byte what docker compose 2.40.3 made of the same files (test/testdata/compose-artifact). */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { manifestText } from "../../../../engine/compose/artifact/artifact.ts";
import { packProject } from "../../../../engine/compose/artifact/index.ts";
import { namedFiles, renamed } from "../../../../engine/compose/artifact/named-files.ts";
import { inMemory, load } from "../../../support/compose-files.ts";

const shop = {
  "compose.yaml": `name: shop
services:
  web:
    env_file: ./web.env
    image: busybox:1
    command: sh -c 'echo hi $$X'
    extends: # what all have
      file: sub/base.yaml
      service: base
  db:
    image: "busybox:\${TAG:-1}"
    env_file:
      - path: "\${WHERE:-.}/web.env"
        required: false
`,
  "over.yaml": "services:\n  db:\n    labels: {a: b}\n",
  "sub/base.yaml": 'services:\n  base:\n    environment: {Z: "2"}\n',
  "web.env": "A=1\n",
};

/** The same files somewhere else: names in the artifact are made of their paths. */
const at = (files: Record<string, string>, directory: string) =>
  inMemory(Object.fromEntries(Object.entries(files).map(([name, text]) => [`..${directory}/${name}`, text])));

async function pack(files: Record<string, string>, { names = ["compose.yaml"], variables = true, directory = "/srv/shop" } = {}) {
  const reader = at(files, directory);
  const project = await load({}, { cwd: directory, reader, files: names, profiles: ["*"], withoutEnvironmentFiles: true });
  return packProject({ project, reader, variables });
}

test.each(["1.0", "1.1"] as const)("OCI %s: the bytes of docker compose", async (version) => {
  const theirs = readFileSync(new URL(`../../../testdata/compose-artifact/manifest-${version}.json`, import.meta.url), "utf8");
  const created = Date.parse(JSON.parse(theirs).annotations["org.opencontainers.image.created"]) / 1000;
  const { files } = await pack(shop, { names: ["compose.yaml", "over.yaml"] });
  expect(manifestText(files, version, created)).toBe(theirs);
});

const layers = async (...args: Parameters<typeof pack>) =>
  (await pack(...args)).files.map(({ kind, name, text }) => [kind, name.replace(/[0-9a-f]{60}/, "…"), text.toString()]);

test("variables stay here unless they are wanted, and are named", async () => {
  const { files, leftOut } = await pack(shop, { variables: false });
  expect(files.map(({ kind }) => kind)).toEqual(["compose", "extended"]);
  expect(leftOut).toEqual(["/srv/shop/web.env"]);
});

test("names in lists, in merges, with quotes, in several documents; comments stay; what is not here is as it was", async () => {
  const files = {
    "compose.yaml": `x-own: &own { env_file: [ 'a.env', {path: "b.env", required: false} ] } # all
services:
  one: { <<: *own, image: x }
  two: { <<: *own, image: x }
---
services:
  one:
    env_file: c.env # more
    extends: { file: "gone.yaml", service: two }
`,
  };
  expect(namedFiles(files["compose.yaml"]).map(({ kind, name }) => [kind, name])).toEqual([
    ["env_file", "a.env"],
    ["env_file", "b.env"],
    ["env_file", "c.env"],
    ["extends", "gone.yaml"],
  ]);
  const changes = namedFiles(files["compose.yaml"]).map((found, index) => ({ ...found, to: `N${index}` }));
  expect(renamed(files["compose.yaml"], changes)).toBe(
    files["compose.yaml"].replace("'a.env'", "N0").replace('"b.env"', "N1").replace("c.env", "N2").replace('"gone.yaml"', "N3"),
  );
});

test("what is extended may extend others, and has variables of its own, beside itself", async () => {
  const files = {
    "compose.yaml": "services: { a: { extends: { file: x/one.yaml, service: s } } }",
    "x/one.yaml": "services: { s: { extends: { file: two.yaml, service: s }, image: i } }",
    "x/two.yaml": "services: { s: { env_file: own.env } }",
    "x/own.env": "A=1",
  };
  const found = await layers(files);
  expect(found.map(([kind, , text]) => [kind, text!.replace(/[0-9a-f]{64}/, "…")])).toEqual([
    ["compose", "services: { a: { extends: { file: ….yaml, service: s } } }"],
    ["extended", "services: { s: { extends: { file: ….yaml, service: s }, image: i } }"],
    ["extended", "services: { s: { env_file: ….env } }"],
    ["variables", "A=1"],
  ]);
});

test.each([
  ["a file", "include: [other.yaml]\nservices: { a: { image: i } }"],
  ["a mapping", "include: [{ path: [other.yaml], project_directory: . }]\nservices: { a: { image: i } }"],
])("an include of this host is refused: %s", async (_, text) => {
  const files = { "compose.yaml": text, "other.yaml": "services: { b: { image: i } }" };
  await expect(pack(files)).rejects.toMatchObject({ code: "invalid", message: /includes "other.yaml", a file of this host/ });
});
