/** The prompt: what is typed ahead, recalled and searched. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { recallable } from "../../../../src/repl/prompt/history.ts";
import { findInHistory } from "../../../../src/repl/prompt/reverse-search.ts";
import { TypeAhead } from "../../../../src/repl/prompt/type-ahead.ts";
import { Driver } from "../../../support/driver.ts";

test.each([
  ["print a", ["print a"]],
  ["if ps {\n  print a\n}", ["if ps { print a }"]],
  ["run -d \\\n  busybox", ["run -d    busybox"]],
  ["print 'a\nb'", ["print 'a", "b'"]],
  ["exec -i x cat <<E\nhi\nE", ["exec -i x cat <<E", "hi", "E"]],
])("%j is recalled as %j", (source, lines) => {
  expect(recallable(source)).toEqual(lines);
});

test("the history is searched from its newest line, each line once", () => {
  expect(findInHistory(["ps -a", "run x", "ps", "ps -a"], "ps")).toEqual(["ps -a", "ps"]);
  expect(findInHistory(["ps"], "")).toEqual([]);
});

describe("typing ahead", () => {
  const lineOf = async (keys: TypeAhead) => {
    const { input, close } = keys.open();
    close();
    return String(input.read() ?? "");
  };

  test("gives one line at a time and keeps the rest", async () => {
    const stdin = new PassThrough();
    const keys = new TypeAhead(stdin as unknown as NodeJS.ReadStream);
    const { input, close } = keys.open();
    stdin.write("one\rtwo\r\nthr");
    await new Promise((resolve) => input.once("readable", resolve));
    close();
    expect(String(input.read())).toBe("one\r");
    expect(await lineOf(keys)).toBe("two\r");
    expect(await lineOf(keys)).toBe("thr");
    expect(await lineOf(keys)).toBe("");
  });
});

test("a prompt runs pasted lines one by one, searches with Ctrl-R, and takes blocks of several lines", async () => {
  const state = mkdtempSync(join(tmpdir(), "berth-prompt-"));
  onTestFinished(() => rmSync(state, { recursive: true }));
  await using terminal = new Driver(["--root", join(state, "root"), "repl"], { env: { XDG_STATE_HOME: state } });
  await terminal.screen.waitFor(/berth>$/);
  terminal.type("print one\rprint two\rprint th");
  await terminal.screen.waitFor(/one\n.*two\n.*berth> print th$/s);
  terminal.type("ree\r");
  await terminal.screen.waitFor(/^three\nberth>$/m);
  terminal.type("\x12tw");
  await terminal.screen.waitFor("(search) tw: print two");
  terminal.type("\x12\x07");
  await terminal.screen.waitFor(/three\nberth>$/);
  terminal.type("for x in a b {\r");
  await terminal.screen.waitFor("...");
  terminal.type("print 'got $x'\r print \"and $x\"\r}\r");
  await terminal.screen.waitFor(/and a\n.*and b/s);
  terminal.type("\x1b[A");
  await terminal.screen.waitFor(`berth> for x in a b { print 'got $x'; print "and $x" }`);
  terminal.type("\x03");
  await terminal.screen.waitFor(/\^C\nberth>$/);
  terminal.type("set st\t");
  await terminal.screen.waitFor(/set stop$/);
  terminal.type("\x03");
  await terminal.screen.waitFor(/set stop\s?\^C\nberth>$/);
  terminal.type("sleep 100s\r");
  await terminal.screen.waitFor("sleep 100s");
  terminal.type("\x03");
  await terminal.screen.waitFor(/\^C\n(.*\n)?berth>$/);
  terminal.type("\x04");
  expect(await terminal.exited).toBe(0);
});
