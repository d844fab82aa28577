/** A database that is missing or empty beside what it recorded: refused, and rebuilt from what lies on disk. */
import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { residue } from "../support/residue.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

function lose(root: string, how: "missing" | "empty"): void {
  for (const suffix of ["-wal", "-shm"]) rmSync(join(root, `berth.db${suffix}`), { force: true });
  if (how === "missing") rmSync(join(root, "berth.db"));
  else truncateSync(join(root, "berth.db"), 0);
}

test.each(["missing", "empty"] as const)("%s: refused, then repaired", { timeout: 180_000 }, async (how) => {
  await using program = new Program();
  const { root } = program;
  await program.ok(["import", busyboxTar(), "busybox"]);
  await program.ok(["tag", "busybox", "busybox:second"]);
  await program.ok(["volume", "create", "--label", "a=b", "kept"]);
  const line = ["--network", "none", "--memory", "64m", "-e", "SECRET=x", "-v", "kept:/data", "busybox"];
  const id = (await program.ok(["run", "-d", "--name", "first", ...line, "sleep", "1000"])).trim();
  await program.ok(["rename", "first", "runs"]);
  await program.ok(["run", "--name", "ended", ...line, "sh", "-c", "echo told; touch /made; exit 3"]).catch(() => {});
  await program.ok(["create", "--name", "new", ...line, "true"]);
  const inspect = ["inspect", "-f", "{{.Config.Env}} {{.HostConfig.Memory}} {{.Mounts}} {{.Image}}", "runs", "ended", "new"];
  const before = await program.ok(inspect);
  lose(root, how);
  for (const refused of [["ps"], ["run", "--rm", "busybox", "true"], ["volume", "prune", "-af"]])
    expect(await program.run(refused)).toEqual({
      status: 125,
      stdout: "",
      stderr: `berth: cannot use the state database "${root}/berth.db": it is ${how} beside containers/ (3), layers/ (1), volumes/ (1)\nhint: put the file back from a copy, without a berth.db-wal of another, or rebuild what can be known with 'berth doctor --repair'\n`,
    });
  expect((await program.run(["doctor"])).stdout).toContain("remedy: put the file back from a copy");
  expect(existsSync(join(root, "berth.db"))).toBe(how === "empty");
  const { stdout } = await program.run(["doctor", "--repair"]);
  for (const told of [
    /^repair +ok +.*was made anew/m,
    /layers +ok +1 found/,
    /images +ok +1 found again, with 2 names/,
    /volume +ok +kept/,
    /ok +runs found again, running/,
  ])
    expect(stdout).toMatch(told);
  expect(await program.ok(["ps", "-a", "--format", "{{.Names}} {{.State}}"])).toBe("new created\nended exited\nruns running\n");
  expect(await program.ok(inspect)).toBe(before);
  expect(await program.ok(["volume", "inspect", "-f", "{{.Labels}}", "kept"])).toBe("map[a:b]\n");
  expect(await program.ok(["exec", "runs", "sh", "-c", "echo alive $SECRET"])).toBe("alive x\n");
  expect(await program.ok(["logs", "ended"])).toBe("told\n");
  expect(await program.ok(["diff", "ended"])).toContain("A /made");
  await program.ok(["stop", "-t", "0", "runs"]);
  await program.ok(["start", "runs", "ended"]);
  expect(await program.ok(["run", "--rm", "busybox:second", "echo", "named"])).toBe("named\n");
  expect((await program.run(["doctor", "--repair"])).stdout).toContain("nothing to rebuild");
  expect(await program.ok(["ps", "-a", "-q", "--no-trunc", "-f", "name=runs"])).toBe(`${id}\n`);
  await program.ok(["rm", "-f", "runs", "ended", "new"]);
  await program.ok(["volume", "rm", "kept"]);
  await program.ok(["rmi", "busybox", "busybox:second"]);
  expect(residue(root, { expectEmpty: true })).toEqual([]);
  expect(readdirSync(join(root, "images"))).toEqual([]);
});

test("without copies of the rows: what bundles tell, and the rest is said", { timeout: 120_000 }, async () => {
  await using program = new Program();
  const { root } = program;
  await program.ok(["import", busyboxTar(), "busybox"]);
  const id = (await program.ok(["run", "-d", "--name", "old", "--network", "none", "-v", "kept:/data", "busybox", "sleep", "1000"])).trim();
  const [layer = ""] = readdirSync(join(root, "layers"));
  rmSync(join(root, "containers", id, "record.json"));
  rmSync(join(root, "volumes", "kept", "record.json"));
  writeFileSync(join(root, "layers", layer, "record.json"), "{");
  lose(root, "missing");
  const { stdout } = await program.run(["doctor", "--repair"]);
  const name = `found-${id.slice(0, 12)}`;
  for (const told of [
    "1 without a record of what they are",
    "without its layers",
    "kept found again without labels and options",
    `${name} found again, running, without its limits, mounts and ports`,
  ])
    expect(stdout).toContain(told);
  expect((await program.run(["ps", "--format", "{{.Names}} {{.Command}} {{.State}}"])).stdout).toBe(`${name} "sleep 1000" running\n`);
  await program.ok(["stop", "-t", "0", name]);
  expect((await program.run(["start", name])).stderr).toContain("is damaged");
  await program.ok(["rm", name]);
  expect(await program.ok(["volume", "ls", "-q"])).toBe("kept\n");
  await program.ok(["import", busyboxTar(), "busybox"]);
  expect(await program.ok(["run", "--rm", "-v", "kept:/data", "busybox", "echo", "fine"])).toBe("fine\n");
});
