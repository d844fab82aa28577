/** What RUN may do beyond its sandbox, and only when the caller allows it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

const capabilities = "grep CapEff /proc/self/status; mkdir -p /m && mount -t tmpfs none /m && echo mounted; ls /dev/kmsg";

describe("security.insecure", () => {
  const allow = ["security.insecure"];

  test("gives RUN --security=insecure the privileges of run --privileged, and no other step", async () => {
    using project = createProject({
      Dockerfile: `FROM busybox\nRUN --security=insecure ${capabilities}\nRUN ${capabilities}; true\n`,
    });
    const { output } = await buildProject(opened.engine, project, { allow });
    const [privileged = "", , , sandboxed = ""] = output.split("\n").map((line) => line.replace("CapEff:\t", ""));
    expect(output).toMatch(/^CapEff:\t[0-9a-f]+\nmounted\n\/dev\/kmsg\nCapEff:/);
    expect(BigInt(`0x${privileged}`)).toBeGreaterThan(BigInt(`0x${sandboxed}`));
    expect(output.match(/mounted/g)).toHaveLength(1);
  });

  test("what it made is not what the step without it makes", async () => {
    const run = (flag: string) => `FROM busybox\nRUN ${flag}(umount /proc || true) 2>/dev/null\n`;
    using one = createProject({ Dockerfile: run("--security=insecure ") });
    using other = createProject({ Dockerfile: run("") });
    await buildProject(opened.engine, one, { allow });
    expect((await buildProject(opened.engine, other)).ran).toHaveLength(1);
    expect((await buildProject(opened.engine, one, { allow })).ran).toEqual([]);
  });
});

describe("is refused", () => {
  test.each([
    ["security.insecure", "--security=insecure"],
    ["network.host", "--network=host"],
  ])("%s, before anything runs", async (name, flag) => {
    using project = createProject({ Dockerfile: `FROM busybox\nRUN touch /first\nRUN ${flag} true\n` });
    const { events, end } = await collect(opened.engine, { context: project.directory, noCache: true });
    await expect(end).rejects.toMatchObject({ code: "dockerfile", message: `${name} is not allowed`, location: { line: 3 } });
    expect(events.filter((event) => event.type === "step" && event.name.includes("RUN"))).toEqual([]);
  });

  test("in a trigger too, but not in a stage that nothing needs", async () => {
    using base = createProject({ Dockerfile: "FROM busybox\nONBUILD RUN --security=insecure true\n" });
    await buildProject(opened.engine, base, { tags: ["privileged-trigger"] });
    using project = createProject({ Dockerfile: "FROM privileged-trigger\n" });
    const { end } = await collect(opened.engine, { context: project.directory });
    await expect(end).rejects.toMatchObject({ message: "security.insecure is not allowed", location: { line: 1 } });
    using unused = createProject({ Dockerfile: "FROM busybox\nRUN --security=insecure true\nFROM busybox\nRUN true\n" });
    await buildProject(opened.engine, unused);
  });
});

test("a network that the caller gives to all steps is allowed to each", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nRUN --network=host true\n" });
  await buildProject(opened.engine, project, { network: "host" });
  await buildProject(opened.engine, project, { allow: ["network.host"] });
});
