/** Many processes at once on the same thing: one wins where only one can, the others say why, and nothing is lost. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { residue } from "../support/residue.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { type Outcome, Program } from "./program.ts";

let program: Program;
let work: string;

beforeAll(async () => {
  program = new Program();
  work = mkdtempSync(join(tmpdir(), "berth-races-"));
  await program.ok(["import", busyboxTar(), "busybox"]);
});
afterAll(async () => {
  rmSync(work, { recursive: true, force: true });
  await program[Symbol.asyncDispose]();
});

const range = (count: number) => Array.from({ length: count }, (_, at) => at);
const together = (count: number, args: (at: number) => string[]): Promise<Outcome[]> =>
  Promise.all(range(count).map((at) => program.run(args(at))));

async function nothingIsHalf(): Promise<void> {
  await eventually(() => expect(residue(program.root)).toEqual([]));
}

test("20 × run -d --name same: one wins, the others say that the name is in use", { timeout: 120_000 }, async () => {
  const outcomes = await together(20, () => ["run", "-d", "--name", "same", "busybox", "sleep", "1000"]);
  const [winner] = outcomes.filter(({ status }) => status === 0);
  const losers = outcomes.filter(({ status }) => status !== 0);
  expect(losers).toHaveLength(19);
  for (const { status, stdout, stderr } of losers) {
    expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
    expect(stderr).toMatch(/name "?\/?same"? is already in use/);
  }
  expect(await program.ok(["ps", "-aq", "--no-trunc"])).toBe(winner?.stdout);
  await program.ok(["rm", "-f", "same"]);
  await nothingIsHalf();
});

test("20 × run --rm with names of their own: all succeed", { timeout: 120_000 }, async () => {
  const outcomes = await together(20, (at) => ["run", "--rm", "--name", `own${at}`, "busybox", "echo", `I am ${at}`]);
  expect(outcomes).toEqual(range(20).map((at) => ({ status: 0, stdout: `I am ${at}\n`, stderr: "" })));
  expect(await program.ok(["ps", "-aq"])).toBe("");
  await nothingIsHalf();
});

test("20 × run -d -p of one port: one wins, the others say that the port is taken", { timeout: 120_000 }, async () => {
  const port = await freePort();
  const outcomes = await together(20, (at) => ["run", "-d", "--name", `port${at}`, "-p", `${port}:80`, "busybox", "sleep", "1000"]);
  const losers = outcomes.filter(({ status }) => status !== 0);
  expect(losers).toHaveLength(19);
  for (const { status, stderr } of losers) {
    expect(status).toBe(125);
    expect(stderr).toMatch(new RegExp(`${port}.*(in use|allocated)`));
  }
  expect((await program.ok(["ps", "-q"])).trim().split("\n")).toHaveLength(1);
  await program.ok(["rm", "-f", ...(await program.ok(["ps", "-aq"])).trim().split("\n")]);
  await nothingIsHalf();
});

test("start, stop and rm -f of one container by many", { timeout: 120_000 }, async () => {
  await program.ok(["create", "--name", "shared", "busybox", "sleep", "1000"]);
  const starts = await together(8, () => ["start", "shared"]);
  expect(starts.map(({ status }) => status)).toEqual(range(8).map(() => 0));
  const started = (
    await program.ok([
      "events",
      "--since",
      "1h",
      "--until",
      "0s",
      "--filter",
      "event=start",
      "--filter",
      "container=shared",
      "-f",
      "type=container",
      "--format",
      "{{.Action}}",
    ])
  )
    .trim()
    .split("\n");
  expect(started).toEqual(["start"]);
  const stops = await together(8, () => ["stop", "-t", "0", "shared"]);
  expect(stops.map(({ status }) => status)).toEqual(range(8).map(() => 0));
  const mixed = await together(
    12,
    (at) =>
      [
        ["start", "shared"],
        ["stop", "-t", "0", "shared"],
        ["restart", "-t", "0", "shared"],
      ][at % 3]!,
  );
  expect(mixed.filter(({ stderr }) => /internal|EEXIST|ENOENT|locked/.test(stderr))).toEqual([]);
  const removals = await together(8, () => ["rm", "-f", "shared"]);
  for (const { status, stderr } of removals) if (status !== 0) expect(stderr).toMatch(/No such container|already in progress/);
  expect(await program.ok(["ps", "-aq"])).toBe("");
  await nothingIsHalf();
});

test("a container starts again whoever still writes where its last run was, as an exec does that begins", async () => {
  const id = (await program.ok(["run", "-d", "--name", "again", "busybox", "sleep", "1000"])).trim();
  const path = JSON.stringify(join(program.root, "containers", id, "bundle/exec-0123"));
  const writes = `for (;;) try { fs.mkdirSync(${path}); fs.rmdirSync(${path}); } catch {}`;
  const other = spawn(process.execPath, ["-e", `process.stdout.write("x"); ${writes}`], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(other.stdout, "data");
    for (let round = 0; round < 6; round++) await program.ok(["restart", "-t", "0", "again"]);
  } finally {
    other.kill("SIGKILL");
    await once(other, "exit");
  }
  await program.ok(["rm", "-f", "again"]);
});

test("builds and imports of the same thing share one image", { timeout: 180_000 }, async () => {
  writeFileSync(join(work, "Dockerfile"), "FROM busybox\nCOPY Dockerfile /here\nRUN echo made > /made && sleep 0.2\nLABEL kind=shared\n");
  const builds = await together(6, (at) => ["build", "-q", "-t", `mine${at}`, work]);
  expect(builds.map(({ status, stderr }) => ({ status, stderr }))).toEqual(range(6).map(() => ({ status: 0, stderr: "" })));
  for (const at of range(6)) expect(await program.ok(["run", "--rm", `mine${at}`, "cat", "/made"])).toBe("made\n");
  const imports = await together(6, (at) => ["import", busyboxTar(), `imported${at}`]);
  expect(imports.map(({ status, stderr }) => ({ status, stderr }))).toEqual(range(6).map(() => ({ status: 0, stderr: "" })));
  expect(await program.ok(["run", "--rm", "imported5", "echo", "fine"])).toBe("fine\n");
  await nothingIsHalf();
  await program.ok(["rmi", "-f", ...new Set((await program.ok(["images", "-aq"])).trim().split("\n"))]);
  await program.ok(["builder", "prune", "-af"]);
  expect(residue(program.root, { expectEmpty: true })).toEqual([]);
});
