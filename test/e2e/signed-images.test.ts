/** Signed images from one end to the other, as a user types it: keys, push, sign, a policy, and what runs under it; with both programs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer } from "../engine/registry/server/scene.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

test("what the policy's key signed runs; nothing else is pulled, run or built on", async () => {
  await using server = await startServer();
  await using program = new Program({ BERTH_KEY_PASSWORD: "secret" });
  const home = mkdtempSync(join(tmpdir(), "berth-signed-"));
  try {
    const [good, bad] = [`${server.host}/team/good:1`, `${server.host}/team/bad:1`];
    await program.ok(["import", busyboxTar(), good]);
    writeFileSync(join(home, "Dockerfile"), `FROM ${good}\nLABEL other=true\n`);
    await program.ok(["build", "-q", "-t", bad, home]);
    for (const name of [good, bad]) await program.ok(["push", "-q", name]);
    await program.ok(["key", "generate", "-o", "release"], { cwd: home });
    await program.ok(["sign", "--key", "release.key", "--format", "simple", good], { cwd: home });
    mkdirSync(join(home, "berth"));
    const rule = `rules: [{match: "${server.host}/**", signed-by: release}]`;
    writeFileSync(join(home, "berth/policy.yaml"), `version: 1\ndefault: reject\nkeys: {release: ../release.pub}\n${rule}\n`);
    program.env["XDG_CONFIG_HOME"] = home;
    for (const quick of ["1", "0"]) {
      program.env["BERTH_QUICK"] = quick;
      expect(await program.ok(["run", "--rm", good, "echo", "ran"])).toBe("ran\n");
      expect(await program.run(["run", "--rm", ...(quick === "1" ? ["--no-verify"] : []), bad, "echo", "ran"])).toMatchObject({
        ...{ status: 125, stdout: "" },
        stderr: expect.stringContaining(`cannot use "${bad}" (sha256:`),
      });
    }
    writeFileSync(join(home, "Dockerfile"), `FROM ${bad}\nLABEL more=true\n`);
    expect(await program.run(["build", "-q", home])).toMatchObject({ status: 77 });
    expect(await program.run(["pull", bad])).toMatchObject({ status: 77, stderr: expect.stringContaining("there is none") });
    writeFileSync(join(home, "compose.yaml"), `services: {app: {image: "${bad}", command: "true"}}\n`);
    const compose = (...words: string[]) => program.run(["compose", "-f", join(home, "compose.yaml"), ...words]);
    expect(await compose("create")).toMatchObject({ status: 77, stderr: expect.stringContaining(`cannot use "${bad}"`) });
    expect(await compose("pull", "--no-verify")).toMatchObject({ stderr: expect.stringContaining("does not permit --no-verify") });
    expect(await program.ok(["verify", good])).toContain("a signature of release: satisfied\nVerified: signed by release\n");
    expect(await program.run(["verify", bad])).toMatchObject({ status: 77 });
    writeFileSync(join(home, "berth/policy.yaml"), `version: 1\ndefault: reject\nallow-override: true\n`);
    expect(await compose("create")).toMatchObject({ status: 77 });
    expect(await compose("create", "--no-verify")).toMatchObject({ status: 0, stderr: expect.stringContaining("is not verified") });
    expect(await compose("down")).toMatchObject({ status: 0 });
  } finally {
    rmSync(home, { recursive: true });
  }
}, 180_000);
