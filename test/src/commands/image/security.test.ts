/** `image security` and the page of the terminal UI that shows the same, of images that were built. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ImageSecurity, ImageSummary } from "../../../../engine/index.ts";
import type { Context, Input } from "../../../../src/commands/command.ts";
import security from "../../../../src/commands/image/security.ts";
import { images } from "../../../../views/resources/images.ts";
import { buildProject, createProject } from "../../../engine/build/project.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
  using project = createProject({
    Dockerfile: [
      "# berth:read-only",
      "# berth:memory 64m",
      "FROM busybox AS tools",
      "RUN cp /bin/true /su && chmod 4755 /su",
      "FROM scratch",
      "COPY --from=tools /su /bin/env /opt/",
      `ENV API_TOKEN=${"hunter22"}`,
      "USER 7",
      "",
    ].join("\n"),
  });
  await buildProject(opened.engine, project, { tags: ["app"] });
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

async function run(args: string[], flags: Input["flags"] = {}) {
  const input: Input = { args, flags: { findings: 10, ...flags } };
  const running = security.run({ engine: opened.engine, signal: new AbortController().signal } as unknown as Context, input);
  const { value } = await running.next();
  const result = value as ImageSecurity;
  return { result, shown: security.present!(result, input), status: security.exitStatus!(result) };
}

test("all checks are made, and what is found has its layer and its maker", async () => {
  const { shown, status } = await run(["app"]);
  expect(shown).toMatchObject({ kind: "text" });
  const lines = (shown as { text: string }).text.split("\n").map((line) => line.replace(/COPY .*/, "COPY …)"));
  expect(lines.sort()).toEqual(
    [
      "user     ok",
      "setuid   failed",
      '  "/opt/su" has mode 4755  (layer 1: COPY …)',
      "secrets  failed",
      '  ENV "API_TOKEN" holds what looks like a secret, by its name',
      "shell    failed",
      '  "/opt/env" is a shell (busybox)  (layer 1: COPY …)',
      '  "/opt/su" is a shell (busybox)  (layer 1: COPY …)',
      "Containers begin with",
      "  memory 64m",
      "  read-only",
      "",
      "",
    ].sort(),
  );
  expect(status).toBe(1);
});

test("one check, with files left out, passes", async () => {
  const { result, status } = await run(["app"], { check: ["setuid", "user"], except: ["/opt/*"] });
  expect(result.Checks).toEqual([
    { Check: "setuid", Passed: true, Findings: [] },
    { Check: "user", Passed: true, Findings: [] },
  ]);
  expect(status).toBe(0);
});

test("a program has it as JSON, with the secret nowhere in it", async () => {
  const { shown } = await run(["app"], { format: "json" });
  expect(shown).toMatchObject({ kind: "json", format: "json", values: [{ Defaults: { memory: "64m", "read-only": "true" } }] });
  expect(JSON.stringify(shown)).not.toContain("hunter22");
});

test("what makes no sense is refused", async () => {
  await expect(run(["app"], { check: ["users"] })).rejects.toMatchObject({ code: "usage" });
  await expect(run(["app"], { except: ["opt"] })).rejects.toThrow('"opt" is no absolute path');
  await expect(run(["nothing"])).rejects.toMatchObject({ code: "not-found" });
});

test("the terminal UI has a page of it, and the labels on the first", async () => {
  const [row] = (await opened.engine.images.list()).filter(({ RepoTags }) => RepoTags.includes("app:latest")) as [ImageSummary];
  const page = images.tabs!.find(({ title }) => title === "Security")!;
  const sections = await page.read!(opened.engine, row, 80);
  expect(sections).toMatchObject([
    {
      rows: [
        ["User", "7"],
        ["user", "ok"],
        ["setuid", "1 found"],
        ["secrets", expect.stringContaining("found")],
        ["shell", "2 found"],
      ],
    },
    {
      title: "Containers begin with",
      rows: [
        ["memory", "64m"],
        ["read-only", "yes"],
      ],
    },
    { title: "setuid", rows: [{ layer: "1", found: '"/opt/su" has mode 4755' }] },
    { title: "secrets" },
    { title: "shell" },
  ]);
  expect(JSON.stringify(await images.detail(opened.engine, row, 80))).toContain('["Demands","memory 64m, read-only"]');
});
