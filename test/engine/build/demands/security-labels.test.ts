import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineError } from "../../../../engine/errors.ts";
import type { HostConfig } from "../../../../engine/index.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { buildProject, collect, createProject } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

async function build(lines: string[], files: Record<string, string> = {}) {
  using project = createProject({ Dockerfile: `${lines.join("\n")}\n`, ...files });
  const { config, events, result } = await buildProject(opened.engine, project);
  const warnings = events.flatMap((event) => (event.type === "warning" ? [`${event.location?.line}: ${event.text}`] : []));
  return { image: result.ImageID!, labels: config.config?.Labels ?? {}, warnings };
}

/** What a shell says in a container of an image, and what was said of the container. */
async function run(Image: string, script: string, HostConfig: HostConfig = {}) {
  const stdout = new PassThrough();
  const said = text(stdout);
  const running = opened.engine.containers.run(
    { Image, Cmd: ["sh", "-c", script], HostConfig: { AutoRemove: true, ...HostConfig } },
    { stdout, stderr: stdout },
    {},
  );
  const warnings: string[] = [];
  for (let step = await running.next(); ; step = await running.next()) {
    if (step.done) break;
    if (step.value.type === "warning") warnings.push(step.value.text);
  }
  stdout.end();
  return { output: await said, warnings };
}

const everything = [
  "# berth:cap-drop ALL add=CHOWN",
  "# berth:read-only",
  "# berth:no-new-privileges",
  "# berth:network none",
  "# berth:memory 64m",
  "# berth:pids=40",
  "FROM busybox",
];

describe("an image has what its containers begin with", () => {
  test("as labels, which a container obeys", async () => {
    const { image, labels } = await build(everything);
    expect(labels).toEqual({
      "io.berth.security.cap-drop": "ALL add=CHOWN",
      "io.berth.security.read-only": "true",
      "io.berth.security.no-new-privileges": "true",
      "io.berth.security.network": "none",
      "io.berth.security.memory": "64m",
      "io.berth.security.pids": "40",
    });
    const look = "grep -E '^(CapBnd|NoNewPrivs)' /proc/self/status; touch /x 2>&1; ls /sys/class/net; touch /dev/shm/x && echo shm";
    const { output, warnings } = await run(image, look);
    expect(output.split("\n")).toEqual([
      "CapBnd:\t0000000000000001",
      "NoNewPrivs:\t1",
      expect.stringContaining("Read-only"),
      "lo",
      "shm",
      "",
    ]);
    expect(warnings).toEqual([]);
    const { Id } = await created({ Image: image });
    expect((await opened.engine.containers.inspect(Id)).HostConfig).toMatchObject({ Memory: 64 << 20, PidsLimit: 40, NetworkMode: "none" });
  });

  test("and gives more to who asks for it, with a note", async () => {
    const { image } = await build(everything);
    const { output, warnings } = await run(image, "touch /x && echo written; grep NoNewPrivs /proc/self/status", {
      ReadonlyRootfs: false,
      SecurityOpt: ["no-new-privileges=false"],
    });
    expect(output).toBe("written\nNoNewPrivs:\t0\n");
    expect(warnings).toEqual([expect.stringContaining("security.read-only)"), expect.stringContaining("security.no-new-privileges)")]);
  });

  test("a profile of the context is in the image, and narrows docker's", async () => {
    const { syscalls, ...rest } = JSON.parse(await defaultProfile());
    const profile = {
      ...rest,
      syscalls: syscalls.map((rule: { names: string[] }) => ({ ...rule, names: rule.names.filter((name) => !name.startsWith("mkdir")) })),
    };
    const { image, labels } = await build(["# berth:seccomp etc/seccomp.json", "FROM busybox"], {
      "etc/seccomp.json": JSON.stringify(profile, undefined, 2),
      ".dockerignore": "etc\n",
    });
    expect(JSON.parse(labels["io.berth.security.seccomp"]!)).toEqual(profile);
    expect((await run(image, "mkdir /made 2>&1; touch /x && echo lives")).output).toBe(
      "mkdir: can't create directory '/made': Operation not permitted\nlives\n",
    );
    const { output, warnings } = await run(image, "mkdir /made && echo made", { SecurityOpt: ["seccomp=unconfined"] });
    expect(output).toBe("made\n");
    expect(warnings).toHaveLength(1);
  });
});

async function created(spec: { Image: string; HostConfig?: HostConfig }): Promise<{ Id: string; Warnings: string[] }> {
  const making = opened.engine.containers.create({ Cmd: ["true"], ...spec });
  for (;;) {
    const { done, value } = await making.next();
    if (done) return value;
  }
}

/** docker's, as berth has it. */
async function defaultProfile(): Promise<string> {
  const { defaultSeccomp } = await import("../../../../engine/container/spec/seccomp.ts");
  const { hostFacts } = await import("../../../../engine/runtime/host-facts.ts");
  return JSON.stringify(defaultSeccomp({ ...hostFacts(), capabilities: ["CAP_SYS_CHROOT"] }));
}

test("an image inherits its base's; a directive tightens without a word, and loosens with a warning", async () => {
  const base = await build(["# berth:memory 64m", "# berth:cap-drop NET_RAW", "# berth:read-only", "FROM busybox"]);
  const child = await build(["# berth:memory 32m", "# berth:cap-drop ALL", `FROM ${base.image}`]);
  expect(child).toMatchObject({
    labels: { "io.berth.security.memory": "32m", "io.berth.security.cap-drop": "ALL", "io.berth.security.read-only": "true" },
    warnings: [],
  });
  const looser = await build(["# berth:memory=1g", `FROM ${child.image}`, "# berth:read-only off"]);
  expect(looser.warnings).toEqual([
    "3: The image demands less than its base: io.berth.security.read-only",
    "1: The image demands less than its base: io.berth.security.memory",
  ]);
  expect((await run(looser.image, "touch /x && echo written")).output).toBe("written\n");
});

describe("a profile that is none fails the build at its directive", () => {
  test.each([
    ["not there", {}, "there is no such file in the build context"],
    ["no JSON", { "s.json": "{" }, "cannot decode the seccomp profile"],
    ["a list of what is denied", { "s.json": '{"defaultAction":"SCMP_ACT_ALLOW"}' }, "its defaultAction SCMP_ACT_ALLOW denies nothing"],
  ])("%s", async (_, files, why) => {
    using project = createProject({ Dockerfile: "FROM busybox\n# berth:seccomp s.json\n", ...files });
    const { end } = await collect(opened.engine, { context: project.directory });
    const error = await end.then(
      () => undefined,
      (thrown: EngineError) => thrown,
    );
    expect(error).toMatchObject({ code: "build-step", location: { line: 2, column: 1 } });
    expect(error?.message).toContain(why);
  });

  test("a link leads nowhere else", async () => {
    using project = createProject({ Dockerfile: "FROM busybox\n# berth:seccomp ../../etc/passwd\n" });
    const { end } = await collect(opened.engine, { context: project.directory });
    await expect(end).rejects.toThrow("there is no such file in the build context");
  });
});

test("a label that is none keeps a container from being made", async () => {
  const { image } = await build(["FROM busybox", "LABEL io.berth.security.memory=lots"]);
  await expect(created({ Image: image })).rejects.toThrow(/cannot apply label io\.berth\.security\.memory of image/);
});

test("a security profile holds for any Dockerfile, and reads its files beside it", async () => {
  const profile = '{"defaultAction":"SCMP_ACT_ERRNO"}';
  using company = createProject({ "calls.json": profile });
  using project = createProject({ Dockerfile: "# berth:memory 1g\nFROM busybox\n" });
  const build = async (text: string) => {
    const options = { context: project.directory, securityProfile: { file: `${company.directory}/profile`, text } };
    const { events, end } = await collect(opened.engine, options);
    return { events, end };
  };
  const { events, end } = await build("# berth:memory 64m\n# berth:seccomp calls.json\n");
  expect((await opened.engine.images.inspect((await end).ImageID!)).Config.Labels).toEqual({
    "io.berth.security.memory": "64m",
    "io.berth.security.seccomp": profile,
  });
  expect(events.flatMap((event) => (event.type === "warning" ? [event.text] : []))).toEqual([
    "The security profile demands more: berth:memory 64m",
  ]);
  await expect((await build("# berth:user non-root\n")).end).rejects.toMatchObject({
    message: expect.stringContaining("berth:user"),
    location: { file: `${company.directory}/profile`, line: 1 },
  });
});
