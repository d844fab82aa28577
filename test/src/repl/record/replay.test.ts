/** What a person did at the prompt, done again by the real program. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blockAfter } from "../../../../src/repl/record/replay.ts";
import { Program } from "../../../e2e/program.ts";
import { Driver } from "../../../support/driver.ts";
import { busyboxTar } from "../../../support/rootfs.ts";

const here = mkdtempSync(join(tmpdir(), "berth-replay-"));
let program: Program;
beforeAll(async () => {
  program = new Program({ XDG_STATE_HOME: here });
  await program.ok(["import", busyboxTar(), "busybox"]);
});
afterAll(async () => {
  await program[Symbol.asyncDispose]();
  rmSync(here, { recursive: true, force: true });
});

test("what was typed, in a container's shell too, runs again and is compared", async () => {
  const file = join(here, "typed.berth");
  await using person = new Driver(["record", file], { env: program.env });
  const { screen } = person;
  await screen.waitFor(/berth>$/);
  await person.press("run -d -e DB_PASSWORD=secret1 busybox sleep 600\r", /^[0-9a-f]{64}\nberth>$/m);
  const [id = ""] = /^[0-9a-f]{64}$/m.exec(screen.text()) ?? [];
  await person.press(`inspect --format '{{.Config.Env}}' ${id.slice(0, 9)}\r`, /DB_PASSWORD=secret1[^\n]*\]\nberth>$/);
  await person.press(`exec -it ${id.slice(0, 9)} sh\r`, /\/ #$/);
  await person.press("echo it is $((6 * 7)); echo shown\r", /^shown\n\/ #$/m);
  await person.press("exit\r", /exit\nberth>$/);
  await person.press(`rm -f ${id.slice(0, 9)}\r`, new RegExp(`^${id.slice(0, 9)}\nberth>$`, "m"));
  person.type("\x04");
  expect(await person.exited).toBe(0);
  const made = readFileSync(file, "utf8");
  expect(made).not.toContain("secret1");
  expect(made.split("\n").filter((line) => !line.includes("help"))).toEqual([
    "#!/usr/bin/env -S berth repl",
    "let container = run -d -e DB_PASSWORD=${env.DB_PASSWORD} busybox sleep 600",
    "inspect --format '{{.Config.Env}}' $container",
    expect.stringContaining("DB_PASSWORD=***"),
    "spawn @sh exec -it $container sh",
    "expect @sh '/ #'",
    "sendline @sh 'echo it is $((6 * 7)); echo shown'",
    "expect @sh shown",
    "expect @sh '/ #'",
    "sendline @sh exit",
    "expect @sh closed == 0",
    "rm -f $container",
    "#> <id>",
    "",
  ]);
  const env = { DB_PASSWORD: "another" };
  const again = await program.run(["replay", file], { env });
  expect(again).toEqual({ status: 0, stdout: "", stderr: `${file}: 2 compared, all as recorded\n` });
});

test("what is different is told as a diff, with status 3, or taken for what should be", async () => {
  const file = join(here, "made.berth");
  writeFileSync(file, "print one\n#> one\nfor x in a b { print $x }\n#> a\n#> c\nprint not compared\nlet x = images -q\n");
  expect(await program.run(["replay", file])).toEqual({
    status: 3,
    stdout: `${file}:3: for x in a b { print $x }\n a\n-c\n+b\n`,
    stderr: `${file}: 2 compared, 1 different\n`,
  });
  const { status, stdout } = await program.run(["--json", "replay", file]);
  const difference = { line: 3, command: "for x in a b { print $x }", expected: ["a", "c"], actual: ["a", "b"] };
  expect(JSON.parse(stdout)).toEqual({ v: 1, type: "replay", file, ok: false, compared: 2, differences: [difference] });
  expect(status).toBe(3);
  expect((await program.run(["replay", "--update", file])).status).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(
    "print one\n#> one\nfor x in a b { print $x }\n#> a\n#> b\nprint not compared\n#> not compared\nlet x = images -q\n",
  );
  expect((await program.run(["replay", file])).stderr).toBe(`${file}: 3 compared, all as recorded\n`);
});

test("a script that fails ends as ever; one from standard input, and one command line, are recorded", async () => {
  const file = join(here, "piped.berth");
  const failing = await program.run(["record", file], { input: "print a; print b\nrm nosuch\nprint c\n" });
  expect(failing).toMatchObject({ status: 1, stdout: "a\nb\n" });
  expect(readFileSync(file, "utf8")).toBe("#!/usr/bin/env -S berth repl\nprint a\n#> a\nprint b\n#> b\n");
  expect(await program.ok(["record", file, "run", "--rm", "busybox", "echo", "a  $b"])).toBe("a  $b\n");
  expect(readFileSync(file, "utf8")).toContain("run --rm busybox echo 'a  $b'\n#> a  $b\n");
  writeFileSync(file, "print a\n#> b\nrm nosuch\n");
  const { status, stdout, stderr } = await program.run(["replay", file]);
  expect({ status, stdout }).toEqual({ status: 1, stdout: `${file}:1: print a\n-b\n+a\n` });
  expect(stderr).toMatch(
    /^\S+piped.berth: 1 compared, 1 different, the script failed before its end\n.*piped.berth:3:4: No such container: nosuch/,
  );
  writeFileSync(file, "rm nosuch\nprint a\n#> a\n");
  expect((await program.run(["replay", file])).stderr).toMatch(/^\S+piped.berth: 0 compared, the script failed before its end\n/);
  expect(JSON.parse((await program.run(["--json", "replay", file])).stdout)).toMatchObject({ ok: false, compared: 0 });
  expect(await program.run(["record", join(here, "no/such")], { input: "print a" })).toMatchObject({ status: 1 });
});

test("what a statement printed stands right below it", () => {
  expect(blockAfter("a\n#> x\n#>\n#>  y\nb", 1)).toEqual({ lines: ["x", "", " y"], start: 2, end: 16 });
  expect(blockAfter("a", 1)).toEqual({ lines: [], start: 1, end: 1 });
  expect(blockAfter("a\n\n#> x", 1)).toMatchObject({ lines: [] });
  expect(blockAfter("a\n#> x", 1)).toEqual({ lines: ["x"], start: 2, end: 6 });
});
