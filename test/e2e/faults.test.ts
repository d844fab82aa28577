/** A disk without room, a state directory that cannot be used, missing programs, damaged files: clear errors, nothing lost. */
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { launcher } from "../support/driver.ts";
import { residue } from "../support/residue.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { fill, smallDisk } from "../support/small-disk.ts";
import { type Outcome, outcomeOf, Program } from "./program.ts";

const at = (program: Program, root: string, ...args: string[]) => program.run(["--root", root, ...args]);

/** A failure that a user can act on: a status, one error with a hint, and no stack. */
function expectClear({ status, stderr }: Outcome, text: RegExp, expected = 125): void {
  expect({ status, stderr }).toEqual({ status: expected, stderr: expect.stringMatching(text) });
  expect(stderr).toMatch(/^berth: .*\nhint: /);
  expect(stderr).not.toMatch(/ {4}at |this is a bug/);
}

test("a disk too small for an image: the import fails, leaves nothing, and says why", async () => {
  await using program = new Program();
  for (const [options, why] of [
    ["size=1M", /do not fit|no space/],
    ["size=50M,nr_inodes=60", /no space left/],
  ] as const) {
    using disk = smallDisk(options);
    const root = join(disk.path, "state");
    expectClear(await at(program, root, "import", busyboxTar(), "busybox"), why);
    expect(await at(program, root, "images", "-aq")).toMatchObject({ status: 0, stdout: "" });
    expect(residue(root, { expectEmpty: true })).toEqual([]);
  }
  using none = smallDisk("size=16k");
  const root = join(none.path, "state");
  expect(await at(program, root, "ps", "-q")).toMatchObject({
    status: 0,
    stdout: "",
    stderr: expect.stringMatching(/^WARNING: .* is full: no space/),
  });
  expectClear(await at(program, root, "run", "busybox"), /no space/);
  expectClear(await at(program, root, "import", busyboxTar()), /do not fit|no space/);
});

test("a disk that fills up: what runs goes on, and commands can still list, stop and remove", { timeout: 120_000 }, async () => {
  await using program = new Program();
  using disk = smallDisk("size=16M");
  const root = join(disk.path, "state");
  const ok = async (...args: string[]) => {
    const outcome = await at(program, root, ...args);
    expect({ line: args, status: outcome.status, stderr: outcome.stderr }).toEqual({ line: args, status: 0, stderr: "" });
    return outcome.stdout;
  };
  await ok("import", busyboxTar(), "busybox");
  await ok("run", "-d", "--name", "going", "--network", "none", "busybox", "sh", "-c", "while true; do echo tick; sleep 0.1; done");
  fill(disk.path);
  expect(await at(program, root, "ps", "--format", "{{.Names}} {{.State}}")).toEqual({
    status: 0,
    stdout: "going running\n",
    stderr: expect.stringMatching(/^WARNING: the disk of the state directory .* is full/),
  });
  expectClear(await at(program, root, "import", busyboxTar(), "again"), /no space|do not fit/);
  expect((await at(program, root, "exec", "going", "echo", "alive")).stdout).toBe("alive\n");
  await ok("stop", "-t", "0", "going");
  await ok("rm", "going");
  rmSync(join(disk.path, "filler"));
  expect(await ok("run", "--rm", "--network", "none", "busybox", "echo", "fine")).toBe("fine\n");
  await ok("rmi", "busybox");
  expect(residue(root, { expectEmpty: true })).toEqual([]);
});

test("a state directory that cannot be made or written", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  await program.ok(["create", "--name", "here", "busybox", "sh"]);
  expectClear(await at(program, "/tmp", "ps"), /cannot keep state in "\/tmp": all users write there/);
  expectClear(await at(program, "/proc/nowhere", "ps"), /cannot prepare the state directory "\/proc\/nowhere"/);
  const work = mkdtempSync(join(tmpdir(), "berth-faults-"));
  try {
    for (const flag of ["--root", "--runtime"])
      expectClear(await program.run([flag, "", "ps"], { cwd: work }), new RegExp(`invalid argument "" for "${flag}" flag`));
    expect(readdirSync(work)).toEqual([]);
    writeFileSync(join(work, "file"), "");
    expectClear(await at(program, join(work, "file"), "ps"), /cannot prepare the state directory/);
    expectClear(await at(program, join(work, "file", "below"), "ps"), /cannot prepare the state directory/);
    const view = join(work, "view");
    mkdirSync(view);
    execFileSync("mount", ["--bind", program.root, view]);
    try {
      execFileSync("mount", ["-o", "remount,ro,bind", view]);
      expect(await at(program, view, "images", "-q")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^[0-9a-f]{12}\n$/) });
      expect(await at(program, view, "ps", "-a", "--format", "{{.Names}}")).toEqual({
        status: 0,
        stdout: "here\n",
        stderr: expect.stringMatching(/^WARNING: the state directory .* lies on a read-only file system\n$/),
      });
      for (const line of [
        ["run", "--rm", "busybox", "true"],
        ["rmi", "-f", "busybox"],
      ]) {
        expectClear(await at(program, view, ...line), /read-only file system/);
      }
    } finally {
      execFileSync("umount", ["-l", view]);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  expect(await program.ok(["run", "--rm", "busybox", "echo", "untouched"])).toBe("untouched\n");
});

test("a runtime that is not there, or ends without a word", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  for (const line of [
    ["run", "--rm"],
    ["run", "-d", "--name", "missing"],
  ]) {
    expectClear(
      await program.run(["--runtime", "/nonexistent", ...line, "busybox", "true"]),
      /unknown or invalid runtime name: \/nonexistent/,
    );
  }
  expectClear(await program.run(["--runtime", "/bin/false", "run", "--rm", "busybox", "true"]), /ended with status 1 before it started/);
  expectClear(
    await program.run(["--runtime", "/bin/false", "run", "-d", "--name", "mute", "busybox", "true"]),
    /cannot start the container/,
  );
  expect((await program.ok(["ps", "-a", "--format", "{{.Names}} {{.State}}"])).trim().split("\n").sort()).toEqual([
    "missing created",
    "mute created",
  ]);
  await program.ok(["start", "missing", "mute"]);
  await program.ok(["rm", "-f", "missing", "mute"]);
  expect(residue(program.root)).toEqual([]);
});

test("a database that is damaged, or of a newer berth, is refused and left as it is", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  const file = join(program.root, "berth.db");
  const good = `${file}.good`;
  copyFileSync(file, good);
  for (const damage of ["not a database at all", good] as const) {
    if (damage === good)
      execFileSync("dd", ["if=/dev/urandom", `of=${file}`, "bs=4096", "seek=1", "count=8", "conv=notrunc", "status=none"]);
    else writeFileSync(file, damage);
    const before = execFileSync("sha256sum", [file]).toString();
    for (const line of [["ps"], ["run", "--rm", "busybox", "true"]])
      expectClear(await program.run(line), /cannot use the state database: .*(not a database|malformed)/);
    expect(execFileSync("sha256sum", [file]).toString()).toBe(before);
    copyFileSync(good, file);
  }
  setVersion(file, 99);
  expectClear(await program.run(["ps"]), /written by a newer berth \(schema 99/);
  copyFileSync(good, file);
  expect(await program.ok(["run", "--rm", "busybox", "echo", "back"])).toBe("back\n");
});

function setVersion(file: string, version: number): void {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
}

test("a layer that vanished behind berth's back: said, removable, and healed by bringing the image again", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  const layers = join(program.root, "layers");
  const [layer = ""] = readdirSync(layers);
  renameSync(join(layers, layer), join(program.root, "gone"));
  for (const line of [
    ["run", "--rm", "busybox", "true"],
    ["run", "-d", "--name", "half", "busybox", "true"],
  ]) {
    expectClear(await program.run(line), /layer.* is gone|layer.* missing/);
  }
  expect((await program.run(["save", "-o", join(program.root, "saved.tar"), "busybox"])).status).not.toBe(0);
  expect(existsSync(join(program.root, "saved.tar"))).toBe(false);
  await program.ok(["rm", "-f", "half"]);
  await program.ok(["import", busyboxTar(), "busybox"]);
  expect(await program.ok(["run", "--rm", "busybox", "echo", "healed"])).toBe("healed\n");
});

test("few descriptors, closed standard streams, a reader that goes away", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  const sh = (script: string) =>
    outcomeOf(spawn("bash", ["-c", script], { env: { ...process.env, ...program.env, B: launcher }, stdio: ["ignore", "pipe", "pipe"] }));
  expect(await sh('ulimit -n 64; "$B" run --rm busybox echo low')).toEqual({ status: 0, stdout: "low\n", stderr: "" });
  expect(await sh('"$B" run --rm busybox echo closed <&-')).toEqual({ status: 0, stdout: "closed\n", stderr: "" });
  expect(await sh('"$B" run --rm -i busybox cat <&-')).toMatchObject({ status: 0, stdout: "" });
  expect(await sh('"$B" run -d --name quiet busybox sleep 1000 >&- 2>&-; "$B" ps --format "{{.Names}}"')).toMatchObject({
    status: 0,
    stdout: "quiet\n",
  });
  // More than a pipe holds, so that the writer meets the closed end; and the container must not outlive it.
  expect((await sh('"$B" run --rm busybox sh -c "yes | head -c 3000000" | head -1')).stdout).toBe("y\n");
  expect(await program.ok(["ps", "-a", "--format", "{{.Names}}"])).toBe("quiet\n");
  await program.ok(["rm", "-f", "quiet"]);
  expect(residue(program.root)).toEqual([]);
});

test("a working directory that is gone hinders only what is looked for in it", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  const gone = mkdtempSync(join(tmpdir(), "berth-gone-"));
  const line = (...args: string[]) => {
    const script = `cd ${gone} && rmdir ${gone} && exec "$0" "$@"`;
    return outcomeOf(
      spawn("sh", ["-c", script, launcher, ...args], { env: { ...process.env, ...program.env }, stdio: ["ignore", "pipe", "pipe"] }),
    );
  };
  expect(await line("run", "--rm", "busybox", "echo", "fine")).toMatchObject({ status: 0, stdout: "fine\n" }); // some shells complain themselves
  mkdirSync(gone);
  expect(await line("load", "-i", "archive.tar")).toMatchObject({ status: 1, stderr: expect.stringContaining("no such file") });
});

test("a bundle that was cut off: exec says so, and a restart mends it", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  const id = (await program.ok(["run", "-d", "--name", "cut", "busybox", "sleep", "1000"])).trim();
  writeFileSync(join(program.root, "containers", id, "bundle", "config.json"), '{"process":');
  expectClear(await program.run(["exec", "cut", "true"]), /cannot read the container's configuration ".*config\.json"/, 1);
  await program.ok(["restart", "-t", "0", "cut"]);
  expect(await program.ok(["exec", "cut", "echo", "mended"])).toBe("mended\n");
});
