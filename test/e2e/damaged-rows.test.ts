/** Rows that do not parse: the rest is shown, the row is named, nothing is started by it, and it can be removed. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { residue } from "../support/residue.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

function damage(root: string, table: string, column: string, name: string, value: string): void {
  const database = new DatabaseSync(join(root, "berth.db"), { timeout: 10_000 });
  try {
    expect(database.prepare(`UPDATE ${table} SET ${column} = ? WHERE name = ?`).run(value, name).changes).toBe(1);
  } finally {
    database.close();
  }
}

const columns = ["config", "host_config", "networking", "mounts", "args", "health"];
const damages = ['{"cut', "null", "7"];

test.each(columns.map((column, at) => [column, damages[at % damages.length]!] as const))("containers: %s is %j", async (column, value) => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  await program.ok(["run", "-d", "--name", "sound", "--network", "none", "busybox", "sleep", "1000"]);
  await program.ok(["run", "-d", "--name", "runs", "-v", "kept:/data", "busybox", "sleep", "1000"]);
  await program.ok(["create", "--name", "lies", "-v", "kept:/data", "busybox", "sleep", "1000"]);
  for (const name of ["runs", "lies"]) damage(program.root, "containers", column, name, value);
  const warning = (name: string) =>
    `WARNING: the record of container "${name}" is damaged: "${column}" cannot be read; remove it with 'berth rm -f ${name}'\n`;
  expect(await program.run(["ps", "-a", "--format", "{{.Names}} {{.State}}"])).toEqual({
    status: 0,
    stdout: "lies created\nruns running\nsound running\n",
    stderr: warning("lies") + warning("runs"),
  });
  expect((await program.run(["ps", "--format", "{{.Names}}"])).stdout).toBe("runs\nsound\n");
  for (const line of [
    ["start", "lies"],
    ["exec", "runs", "true"],
    ["restart", "runs"],
    ["update", "--restart", "always", "runs"],
    ["commit", "runs"],
  ])
    expect(await program.run(line)).toMatchObject({
      stderr: expect.stringMatching(/the record of container ".*" is damaged: .*\n(berth: failed to start .*\n)?hint: remove it/),
    });
  // A volume that nobody can say is free is kept; and whatever else there is goes on.
  await program.ok(["volume", "prune", "-af"]);
  expect(await program.ok(["volume", "ls", "-q"])).toBe("kept\n");
  await program.ok(["container", "prune", "-f"]);
  expect(await program.ok(["run", "--rm", "-v", "kept:/data", "busybox", "echo", "fine"])).toBe("fine\n");
  await program.ok(["stop", "-t", "0", "runs"]);
  await program.ok(["rm", "lies"]);
  await program.ok(["rm", "-f", "runs"]);
  expect(await program.run(["ps", "-a", "--format", "{{.Names}}"])).toEqual({ status: 0, stdout: "sound\n", stderr: "" });
  expect(residue(program.root)).toEqual([]);
});

test("images, networks, volumes and events", async () => {
  await using program = new Program();
  const { root } = program;
  await program.ok(["import", busyboxTar(), "busybox"]);
  await program.ok(["tag", "busybox", "other"]);
  await program.ok(["network", "create", "torn"]);
  await program.ok(["volume", "create", "torn"]);
  damage(root, "networks", "spec", "torn", "{");
  damage(root, "volumes", "options", "torn", "[]");
  const database = new DatabaseSync(join(root, "berth.db"), { timeout: 10_000 });
  database.exec("UPDATE images SET config = '{'; UPDATE events SET attributes = 'x'");
  database.close();
  for (const [line, shown, name] of [
    [["images", "--format", "{{.Repository}}"], /^busybox\nother\n$/, "image"],
    [["network", "ls", "--format", "{{.Name}}"], /\btorn\n/, "network"],
    [["volume", "ls", "-q"], /^torn\n$/, "volume"],
  ] as const)
    expect(await program.run(line)).toEqual({
      status: 0,
      stdout: expect.stringMatching(shown),
      stderr: expect.stringMatching(new RegExp(`^WARNING: the record of ${name} ".*" is damaged: .*; remove it with 'berth `)),
    });
  expect((await program.run(["events", "--since", "1h", "--until", "0s"])).status).toBe(0);
  expect((await program.run(["run", "--rm", "busybox", "true"])).stderr).toMatch(/the record of image .* is damaged/);
  await program.ok(["network", "rm", "torn"]);
  await program.ok(["volume", "rm", "torn"]);
  await program.ok(["rmi", "busybox", "other"]);
  await program.ok(["import", busyboxTar(), "busybox"]);
  expect(await program.ok(["run", "--rm", "busybox", "echo", "again"])).toBe("again\n");
  await program.ok(["rmi", "busybox"]);
  expect(residue(root, { expectEmpty: true })).toEqual([]);
});
