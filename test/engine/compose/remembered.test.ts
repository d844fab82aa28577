/** A project by a note of an earlier load: the same as loaded, and loaded again whenever anything that it was made from is another. */
import { expect, test } from "vitest";
import { type LoadOptions, loadProject, loadRemembered, type Project, type Reader } from "../../../engine/compose/index.ts";
import { serviceHash } from "../../../engine/compose/print/hash.ts";
import { type Files, inMemory } from "../../support/compose-files.ts";

/** Loads one after the other, with the same notes. */
function loads() {
  const notes = new Map<string, string>();
  const kept = {
    note: async (name: string) => notes.get(name),
    keepNote: async (name: string, text: string) => void notes.set(name, text),
  };
  let loaded = 0;
  const count = (options: LoadOptions) => {
    loaded++;
    return loadProject(options);
  };
  return {
    notes,
    /** @returns what it is, and whether it was loaded for that */
    async of(files: Files, more: Partial<LoadOptions> = {}, program = "this"): Promise<{ project: Project; anew: boolean }> {
      const before = loaded;
      const options = { cwd: "/project", env: { TAG: "1", HOME: "/root" }, reader: inMemory(files), ...more };
      const project = await loadRemembered(options, count, kept, program);
      return { project, anew: loaded > before };
    },
  };
}

const files: Files = {
  "compose.yaml": `
name: app
x-all: &all { restart: always, x-more: [1, 2.5, null, true] }
include: [part/compose.yaml]
services:
  web:
    <<: *all
    image: web:\${TAG}\${NOTHING}
    env_file: [web.env, { path: none.env, required: false }]
    label_file: web.labels
    environment: { PLAIN: a, TAKEN: , LARGE: 12345678901234567890 }
    secrets: [token]
    depends_on: { db: { condition: service_healthy } }
    develop: { watch: [{ path: ./src, action: sync, target: /src }] }
  off: { image: off, profiles: [debug] }
secrets: { token: { file: ./token } }
`,
  "part/compose.yaml": "services: { db: { image: 'db:${VERSION}', volumes: [data:/data, ./x:/y] } }\nvolumes: { data: {} }\n",
  "part/.env": "VERSION=9\n",
  "web.env": "FROM_FILE=1\n",
  "web.labels": "a=b\n",
  ".env": "NOTE=1\n",
};

test("what is restored is what was loaded", async () => {
  const { of } = loads();
  const first = await of(files);
  const second = await of(files);
  expect([first.anew, second.anew]).toEqual([true, false]);
  expect(second.project).toEqual(first.project);
  expect(second.project.warnings).toEqual(['The "NOTHING" variable is not set. Defaulting to a blank string.']);
  const hashes = ({ model }: Project) => Object.values(model.services).map(serviceHash);
  expect(hashes(second.project)).toEqual(hashes(first.project));
});

test.each<[string, Files, Partial<LoadOptions>?, string?]>([
  ["the file", { ...files, "compose.yaml": `${files["compose.yaml"]}# more\n` }],
  ["an included file", { ...files, "part/compose.yaml": files["part/compose.yaml"]!.replace("data:/data", "data:/other") }],
  ["variables of an included file", { ...files, "part/.env": "VERSION=10\n" }],
  ["a file of variables", { ...files, "web.env": "FROM_FILE=2\n" }],
  ["one that may be missing, and now is there", { ...files, "none.env": "NEW=1\n" }],
  ["a file of labels", { ...files, "web.labels": "a=c\n" }],
  [".env", { ...files, ".env": "NOTE=2\n" }],
  ["an override that now is there", { ...files, "compose.override.yaml": "services: { web: { image: other } }\n" }],
  ["a file that is preferred", { ...files, "compose.yml": files["compose.yaml"]! }],
  ["a file that is gone", Object.fromEntries(Object.entries(files).filter(([name]) => name !== ".env"))],
  ["a variable", files, { env: { TAG: "2", HOME: "/root" } }],
  ["a new variable", files, { env: { TAG: "1", HOME: "/root", TAKEN: "now" } }],
  ["a variable that is gone", files, { env: { TAG: "1" } }],
  ["another name", files, { name: "other" }],
  ["a profile", files, { profiles: ["debug"] }],
  ["other services", files, { services: ["db"] }],
  ["proxies", files, { proxies: { HTTP_PROXY: "http://proxy" } }],
  ["another program", files, {}, "another"],
])("%s: loaded anew", async (_, changed, more, program) => {
  const { of } = loads();
  await of(files);
  const after = await of(changed, more, program);
  expect(after.anew).toBe(true);
  expect(after.project).toEqual((await loads().of(changed, more)).project);
});

test("notes of different lines do not displace each other", async () => {
  const { of } = loads();
  await of(files);
  await of(files, { profiles: ["debug"] });
  expect((await of(files)).anew).toBe(false);
});

test("secrets of variables, what pipes have and what cannot be loaded are not written down; a damaged note is none", async () => {
  const { notes, of } = loads();
  await of({ "compose.yaml": "name: app\nservices: { a: { image: a, secrets: [t] } }\nsecrets: { t: { environment: TAG } }\n" });
  const piped: Reader = { ...inMemory(files), kind: async (path) => (path.endsWith(".env") ? "other" : inMemory(files).kind(path)) };
  await of(files, { reader: piped });
  await expect(of({ "compose.yaml": "services: 1\n" })).rejects.toThrow();
  expect(notes.size).toBe(0);
  await of(files);
  for (const [name, text] of notes) notes.set(name, text.slice(0, -1));
  expect((await of(files)).anew).toBe(true);
  expect((await of(files)).anew).toBe(false);
});
