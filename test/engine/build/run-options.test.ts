/** Options of a build that RUN steps feel, and those that choose what runs. */
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

test("--add-host, --shm-size and --ulimit", async () => {
  using project = createProject({
    Dockerfile: "FROM busybox\nRUN grep mirror /etc/hosts; df -k /dev/shm | awk 'NR==2 {print $2}'; ulimit -n\n",
  });
  const { output } = await buildProject(opened.engine, project, {
    addHosts: ["mirror:10.9.8.7"],
    shmSize: 3 << 20,
    ulimits: [{ Name: "nofile", Soft: 123, Hard: 456 }],
  });
  expect(output.replace(/[ \t]+/g, " ")).toBe("10.9.8.7 mirror\n3072\n123\n");
});

test("--no-cache-filter runs the steps of the named stages only", async () => {
  using project = createProject({
    Dockerfile:
      "FROM busybox AS one\nRUN head -c 9 /dev/urandom > /t\nFROM busybox AS two\nRUN head -c 9 /dev/urandom > /u\nFROM scratch\nCOPY --from=one /t /\nCOPY --from=two /u /\n",
  });
  await buildProject(opened.engine, project);
  const { ran } = await buildProject(opened.engine, project, { noCacheFilter: ["TWO"] });
  expect(ran).toEqual(["RUN head -c 9 /dev/urandom > /u", "COPY --from=two /u /"]);
});

test("annotations do not change the image's id", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nLABEL x=y\n" });
  const plain = await buildProject(opened.engine, project);
  expect((await buildProject(opened.engine, project, { annotations: { note: "1" } })).result.ImageID).toBe(plain.result.ImageID);
});

test("another platform's base is not the store's", async () => {
  using project = createProject({ Dockerfile: "FROM --platform=linux/s390x 127.0.0.1:1/busybox\n" });
  const { end } = await collect(opened.engine, { context: project.directory });
  await expect(end).rejects.toMatchObject({ location: { line: 1 } });
  using scratch = createProject({ Dockerfile: "FROM scratch\nARG TARGETARCH\nLABEL arch=$TARGETARCH\n" });
  const { config } = await buildProject(opened.engine, scratch, { platform: "linux/arm64" });
  expect([config.architecture, config.config?.Labels]).toEqual(["arm64", { arch: "arm64" }]);
});

test("--pull asks the registry even when the image is there", async () => {
  using project = createProject({ Dockerfile: "FROM 127.0.0.1:1/there\n" });
  await opened.engine.images.tag("busybox", "127.0.0.1:1/there");
  await buildProject(opened.engine, project);
  const { end } = await collect(opened.engine, { context: project.directory, pull: true });
  await expect(end).rejects.toMatchObject({ code: "registry", location: { line: 1 } });
});
