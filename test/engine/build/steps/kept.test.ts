/** What copies inside a build, and out of it, keep of a file: the table in engine/README.md, row by row. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTimes, writeXattr } from "../../../../engine/sys/files.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { keptIn, makeTree, tableRows } from "../../../support/kept.ts";
import { type Built, buildProject, createProject, type Project } from "../project.ts";

let opened: TestEngine;
let project: Project;
let built: Built;
const out = mkdtempSync(join(tmpdir(), "berth-kept-"));

const stages = [
  "FROM busybox AS one",
  "COPY wrap /context",
  "RUN --mount=type=bind,source=wrap,target=/m cd /m/tree && ls | wc -l && stat -c %Y old . && du -k sparse && test old -ef other",
  "FROM scratch AS all",
  "COPY --from=one /context /from",
  "COPY --from=one --chown=5:6 --chmod=751 /context /owned/",
  "COPY --link --from=one /context /linked",
  "COPY wrap /context",
];

beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
  project = createProject({ Dockerfile: `${stages.join("\n")}\n`, ".dockerignore": "ignored\n" });
  mkdirSync(join(project.directory, "wrap")); // what is copied are a directory's contents
  makeTree(join(project.directory, "wrap/tree"));
  // Of a sibling, and ignored: neither may end the build.
  mkdirSync(join(project.directory, "ignored"));
  for (const directory of ["", "ignored/"]) writeFileSync(Buffer.from(`${project.directory}/${directory}n\xe4me`, "latin1"), "");
  const outputs = [
    { type: "local" as const, dest: join(out, "directory"), attributes: {} },
    { type: "tar" as const, dest: join(out, "out.tar"), attributes: {} },
    { type: "image" as const, attributes: {} },
  ];
  built = await buildProject(opened.engine, project, { outputs });
});
afterAll(async () => {
  project[Symbol.dispose]();
  rmSync(out, { recursive: true, force: true });
  await opened[Symbol.asyncDispose]();
});

test.each([
  ["COPY, ADD of a context", "context"],
  ["COPY --from a stage or image", "from"],
  ["COPY with --chown, --chmod", "owned"],
  ["COPY --link", "linked"],
  ["build -o DIR", "from"],
])("%s", (way, directory) => {
  expect(keptIn(join(out, "directory", directory, "tree"))).toEqual(tableRows()[way]);
});

test("build -o type=tar", () => {
  const file = join(out, "out.tar");
  expect(statSync(file).size).toBeLessThan(8 << 20); // with the holes written out four files would be 80 MiB
  mkdirSync(join(out, "tar"));
  execFileSync("tar", ["--xattrs", "--xattrs-include=*", "-xf", file, "-C", join(out, "tar"), "from"], { stdio: "pipe" });
  expect(keptIn(join(out, "tar/from/tree"))).toEqual(tableRows()["build -o type=tar"]);
});

test("RUN --mount=type=bind", () => {
  // A program in the container sees what the copies of it have, which one function makes.
  expect(built.output).toBe("5\n-2\n1234567890\n4\tsparse\n");
});

test("a RUN gives the directories of what it mounts their times back, whatever they were", async () => {
  using dated = createProject({ Dockerfile: "FROM busybox\nCOPY root /\nRUN touch /etc/new\n", "root/etc/file": "" });
  setTimes(join(dated.directory, "root/etc"), -7, 5);
  const dest = join(out, "dated");
  await buildProject(opened.engine, dated, {
    outputs: [
      { type: "local", dest, attributes: {} },
      { type: "image", attributes: {} },
    ],
  });
  expect(statSync(join(dest, "etc"), { bigint: true }).mtimeNs).toBe(-6_999_999_995n);
});

test("an attribute is part of what is copied: changed, the step runs again", async () => {
  const again = () => buildProject(opened.engine, project, { target: "all" });
  expect((await again()).ran).toEqual([]);
  writeXattr(join(project.directory, "wrap/tree/old"), "user.note", Buffer.from("other"));
  expect((await again()).ran).toContain("COPY wrap /context");
  writeXattr(join(project.directory, "wrap/tree"), "user.note", Buffer.from("other"));
  expect((await again()).ran).toContain("COPY wrap /context");
});
