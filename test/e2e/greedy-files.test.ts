/** Files that berth reads by name from images and containers, made to exhaust it or to hold it up: refused, and nothing hangs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

const traps = {
  "a device that never ends": { make: "mknod F c 1 5", why: "it is a character device, not a regular file" },
  "a pipe that nobody writes to": { make: "mkfifo F", why: "it is a named pipe, not a regular file" },
  "3 GB of nothing": { make: "truncate -s 3G F", why: "it is larger than 1024 KiB" },
  "a directory": { make: "mkdir F", why: "it is a directory, not a regular file" },
  "a link to a device": { make: "ln -s /dev/zero F", why: "it is a character device, not a regular file" },
};

/** An image has no /dev/zero for a link to lead to, and 3 GB are slow to commit. */
const inImages = ["a device that never ends", "a pipe that nobody writes to", "a directory"];
const cases = Object.keys(traps).map((trap) => [trap, "/etc/passwd"]);

test.each([...cases, ["a device that never ends", "/etc/group"]] as [keyof typeof traps, string][])("%s as %s", async (trap, file) => {
  const { make, why } = traps[trap];
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  const refusal = { status: 125, stderr: expect.stringContaining(`berth: cannot read "${file}" of the container: ${why}\nhint: `) };
  await program.ok(["run", "-d", "--name", "trap", "--network", "none", "busybox", "sleep", "1000"]);
  await program.ok(["exec", "trap", "sh", "-c", `rm -rf ${file}; ${make.replace("F", file)}`]);
  expect((await program.run(["exec", "-u", "app", "trap", "true"])).stderr).toContain(why);
  if (inImages.includes(trap)) {
    await program.ok(["commit", "trap", "spoilt"]);
    for (const line of [
      ["run", "--rm"],
      ["run", "--rm", "-u", "5:6"],
      ["run", "-d", "--name", "never"],
    ])
      expect(await program.run([...line, "spoilt", "true"])).toMatchObject(refusal);
    await program.ok(["rm", "-f", "never"]);
    const instruction = file === "/etc/passwd" ? "COPY --chown=app Dockerfile /" : "COPY --chown=0:app Dockerfile /";
    await build(
      program,
      `FROM spoilt\n${instruction}\n`,
      /cannot read the image.s \/etc\/(passwd|group): it is (no regular file|a directory)/,
    );
  }
  if (trap !== "a link to a device") expect((await program.run(["restart", "-t", "0", "trap"])).stderr).toContain(why);
  await program.ok(["rm", "-f", "trap"]);
});

async function build(program: Program, dockerfile: string, message: RegExp): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), "berth-greedy-"));
  try {
    writeFileSync(join(context, "Dockerfile"), dockerfile);
    const { status, stderr } = await program.run(["build", context]);
    expect({ status: status > 0, stderr }).toEqual({ status: true, stderr: expect.stringMatching(message) });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

test("hosts and resolv.conf, which a container may write: a network joins and leaves all the same", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  await program.ok(["network", "create", "joined"]);
  await program.ok(["run", "-d", "--name", "large", "busybox", "sleep", "1000"]);
  await program.ok(["exec", "large", "sh", "-c", "truncate -s 3G /etc/hosts && truncate -s 3G /etc/resolv.conf"]);
  await program.ok(["network", "connect", "joined", "large"]);
  await program.ok(["network", "disconnect", "joined", "large"]);
  const { status, stderr } = await program.run(["run", "--rm", "--network", "container:large", "busybox", "true"]);
  expect({ status, stderr }).toMatchObject({ status: 125, stderr: expect.stringContaining("it is larger than 1024 KiB") });
});

test("files of the user's that never end", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  for (const flag of [
    ["--env-file", "/dev/zero"],
    ["--label-file", "/dev/zero"],
    ["--security-opt", "seccomp=/dev/zero"],
  ])
    expect(await program.run(["run", "--rm", ...flag, "busybox", "true"])).toMatchObject({
      status: 125,
      stderr: expect.stringContaining("it is larger than 16 MB"),
    });
});
