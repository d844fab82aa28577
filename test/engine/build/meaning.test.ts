/** What instructions mean where BuildKit's rules are its own: working directories, arguments, scripts, triggers. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { importBusybox, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { buildProject, collect, createProject } from "./project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

const dockerfile = (...lines: string[]) => ({ Dockerfile: `${lines.join("\n")}\n` });

test("WORKDIR is kept as it is written, and leads where it should", async () => {
  using project = createProject({
    ...dockerfile("FROM busybox", "WORKDIR /x/./y/", "COPY f here/", "RUN pwd; ls", "WORKDIR ../z/", "RUN pwd", "WORKDIR /x/y/"),
    f: "",
  });
  const { output, config, result } = await buildProject(opened.engine, project);
  expect(output).toBe("/x/y\nhere\n/x/z\n");
  expect(config.config?.WorkingDir).toBe("/x/y/");
  const steps = config.history?.flatMap(({ created_by }) => (created_by?.startsWith("WORKDIR") ? [created_by] : []));
  expect(steps).toEqual(["WORKDIR /x/./y/", "WORKDIR /x/z", "WORKDIR /x/y/"]);
  using next = createProject(dockerfile(`FROM ${result.ImageID}`, "RUN pwd"));
  expect((await buildProject(opened.engine, next)).output).toBe("/x/y\n");
});

test("TARGETSTAGE, and a script that is indented by tabs", async () => {
  using project = createProject(
    dockerfile("FROM busybox AS last", "ARG TARGETSTAGE", "RUN <<-EOF", "\t#!/bin/sh -e", "\techo $TARGETSTAGE from $0", "EOF"),
  );
  expect((await buildProject(opened.engine, project)).output).toBe("last from /dev/pipes/EOF\n");
});

test("a NUL in an instruction is an error at its place", async () => {
  for (const line of ["WORKDIR /a\0b", "ENV A=\0", "RUN echo \0", "RUN <<EOF\necho \0\nEOF"]) {
    using project = createProject(dockerfile("FROM busybox", line));
    const { end } = await collect(opened.engine, { context: project.directory });
    await expect(end).rejects.toMatchObject({
      code: "dockerfile",
      message: expect.stringContaining("NUL character"),
      location: { file: "Dockerfile" },
    });
  }
});

test("triggers do not reach for later stages, nor wait for themselves", async () => {
  using base = createProject(dockerfile("FROM busybox", "ONBUILD COPY --from=b /etc/passwd /p"));
  await buildProject(opened.engine, base, { tags: ["with-trigger"] });
  using project = createProject(dockerfile("FROM with-trigger AS a", "FROM a AS b", "FROM b"));
  const { end } = await collect(opened.engine, { context: project.directory });
  await expect(end).rejects.toMatchObject({ message: expect.stringContaining('cannot copy from stage "b"'), location: { line: 1 } });
});
