/** Options of a build that RUN steps feel, and those that choose what runs. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { buildProject, collect, createProject } from "../project.ts";

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

test("BUILDKIT_SANDBOX_HOSTNAME is the step's host name, and stands in /etc/hosts on every network", async () => {
  using project = createProject({
    Dockerfile: "FROM busybox\nRUN hostname; grep -w $(hostname) /etc/hosts\nRUN --network=none grep -w $(hostname) /etc/hosts\n",
  });
  const own = await buildProject(opened.engine, project);
  expect(own.output).toMatch(/^buildkitsandbox\n127\.0\.0\.1\s+localhost buildkitsandbox\n/);
  const { output } = await buildProject(opened.engine, project, { buildArgs: { BUILDKIT_SANDBOX_HOSTNAME: "forge" } });
  expect(output).toMatch(/^forge\n127\.0\.0\.1\s+localhost forge\n/);
  expect(output).toMatch(/\n127\.0\.0\.1\s+localhost forge\n$/);
  const { end } = await collect(opened.engine, { context: project.directory, buildArgs: { BUILDKIT_SANDBOX_HOSTNAME: "a\n1.2.3.4 b" } });
  await expect(end).rejects.toMatchObject({ code: "invalid", location: { line: 2 } });
});

test("--network container:NAME is that container's, a network's name is that network", async () => {
  const { Id } = await finish(
    opened.engine.containers.create({ Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: {}, Name: "neighbour" }),
  );
  await opened.engine.containers.start(Id);
  const { NetworkSettings } = await opened.engine.containers.inspect(Id);
  using project = createProject({ Dockerfile: "FROM busybox\nRUN ip -o -4 addr show eth0 | awk '{print $4}'\n" });
  const { output } = await buildProject(opened.engine, project, { network: "container:neighbour" });
  expect(output).toBe(`${NetworkSettings.Networks["bridge"]?.IPAddress}/${NetworkSettings.Networks["bridge"]?.IPPrefixLen}\n`);
  await opened.engine.containers.remove(Id, { force: true });
  for (const network of ["container:neighbour", "nowhere"]) {
    const { end } = await collect(opened.engine, { context: project.directory, network, noCache: true });
    await expect(end).rejects.toMatchObject({ code: "not-found", location: { line: 2 } });
  }
});

test("arguments for attestations are no variables, and BUILDKIT_BUILD_NAME names the build", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nARG BUILDKIT_SBOM_SCAN_STAGE=true\nRUN env | grep -c SBOM || true\n" });
  expect((await buildProject(opened.engine, project, { buildArgs: { BUILDKIT_BUILD_NAME: "mine" } })).output).toBe("0\n");
  expect((await opened.engine.builder.list())[0]?.Name).toBe("mine");
});
