/** Completion behind the words of the language: what a command would offer there. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "../../../../src/repl/language/parse.ts";
import { completeLine } from "../../../../src/repl/prompt/complete-line.ts";
import { Session } from "../../../../src/repl/session.ts";
import { container, fakeEngine } from "../../../support/fake-engine.ts";

test.each([
  ["retr", ["retry"]],
  ["defer ren", ["rename"]],
  ["timeout 5s ren", ["rename"]],
  ["retry 3 every 1s ren", ["rename"]],
  ["expect ps and ren", ["rename"]],
  ["assert not ren", ["rename"]],
  ["parallel { ren", ["rename"]],
  ["ps | co", ["count"]],
  ["print $mi", ["$mine"]],
  ["print $env.BERTH", ["$env.BERTH_ROOT"]],
  ['print "it is $mi', ["$mine"]],
  ['print "a$env.BERTH', ["$env.BERTH_ROOT"]],
  ['print "ren', []],
  ["print \\$mi", []],
  ["depl", ["deploy"]],
  ["defer depl", ["deploy"]],
  ["timeout 5s asser", ["assert"]],
  ["let retr", []],
  ["wait web ", ["healthy", "port:", "removed", "running", "stopped"]],
  ["wait web he", ["healthy"]],
])("%s", async (line, candidates) => {
  const session = new Session({ engine: fakeEngine().engine, io: { streams: {}, cwd: "/", env: { BERTH_ROOT: "/" } } as never });
  session.define(parse("func deploy() { ps }"), { source: "", file: "line" });
  session.variables.set("mine", 1);
  expect((await completeLine(session, line, new AbortController().signal))[0]).toEqual(candidates);
});

test("fields of variables, of the objects that they name, and of what a command gives", async () => {
  const { containers, engine } = fakeEngine();
  containers.push(container("web"));
  const session = new Session({ engine, io: { streams: {}, cwd: "/", env: {} } as never });
  const completed = async (line: string) => (await completeLine(session, line, new AbortController().signal))[0];
  const { Id } = await engine.containers.inspect("web");
  session.variables.set("made", { Id, State: { Own: 1, More: { x: 1 } } });
  expect(await completed("print ${made.St")).toEqual(["${made.State."]);
  expect(await completed('print "${made.State.')).toEqual(["${made.State.More.", "${made.State.Own}"]);
  expect(await completed("print ${made.Im")).toEqual(["${made.Image}"]);
  expect(await completed("print ${nosuch.x")).toEqual([]);
  session.variables.set("rows", [{ Id, Names: ["/web"] }]);
  session.variables.set("text", "t");
  expect(await completed("print ${rows[0].Na")).toEqual(["${rows[0].Names}"]);
  expect(await completed("print ${ma")).toEqual(["${made."]);
  expect(await completed('print "${')).toEqual(["${args}", "${made.", "${rows[", "${text}"]);
  expect(await completed("expect 5s inspect web .State.Ru")).toEqual([".State.Running"]);
  expect(await completed("ps | where .St")).toEqual([".State", ".Status"]);
  expect(await completed("expect ps and inspect web .Na")).toEqual([".Name"]);
  // What does more than look is not run, and a path is a path.
  expect(await completed("assert rm web .St")).toEqual([]);
  expect(await completed("build .nosuch")).toEqual([]);
});

test("behind a program of the host stand files", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "berth-complete-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, "alpha one"), "");
  const session = new Session({ engine: fakeEngine().engine, io: { streams: {}, cwd, env: {} } as never });
  const completed = async (line: string) => (await completeLine(session, line, new AbortController().signal))[0];
  for (const line of ["! cat al", "let x = ! cat al", "defer ! rm al", "ps | tee -a al", "ps | lines | tee al", "! ./al"])
    expect(await completed(line), line).toEqual([line.endsWith("./al") ? "./alpha one" : "alpha one"]);
  expect(await completed("ps | wc al")).toEqual(["alpha one"]);
  expect(await completed("ps | co")).toEqual(["count"]);
});

test("paths in containers, behind their names and behind exec", async () => {
  const { containers, engine } = fakeEngine();
  containers.push(container("web"));
  const asked: unknown[] = [];
  const entry = (Name: string, Type: string) => ({ Name, Type, Size: 0, Mode: 0, Uid: 0, Gid: 0, Modified: 0 });
  const list = async (...of: unknown[]) => {
    asked.push(of.slice(0, 2));
    return {
      Path: "/etc",
      Entries: [entry("passwd", "file"), entry("pam.d", "directory"), entry(".x", "file"), entry("p\nq", "file")],
      Total: 4,
      IsCut: false,
    };
  };
  Object.assign(engine, { files: { list } });
  const session = new Session({ engine, io: { streams: {}, cwd: "/", env: {} } as never });
  const completed = async (line: string) => (await completeLine(session, line, new AbortController().signal))[0];
  expect(await completed("cp we")).toContain("web:");
  expect(await completed("cp web:/etc/p")).toEqual(["web:/etc/pam.d/", "web:/etc/passwd"]);
  expect(await completed("exec -it web cat /etc/pa")).toEqual(["/etc/pam.d/", "/etc/passwd"]);
  expect(asked).toEqual(Array.from({ length: 2 }, () => [{ kind: "container", ref: "web" }, "/etc/"]));
});
