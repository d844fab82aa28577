/** The prompt: what is typed ahead, recalled and searched. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { History, recallable } from "../../../../src/repl/prompt/history.ts";
import { Keys } from "../../../../src/repl/prompt/keys.ts";
import { findInHistory } from "../../../../src/repl/prompt/search.ts";
import { Program } from "../../../e2e/program.ts";
import { Driver } from "../../../support/driver.ts";
import { busyboxTar } from "../../../support/rootfs.ts";

test.each([
  ["print a", "print a"],
  ["if ps {\n  print a\n}", "if ps { print a }"],
  ["run -d \\\n  busybox", "run -d    busybox"],
  ["print 'a\nb'", "print 'a\nb'"],
  ["exec -i x cat <<E\nhi\nE", "exec -i x cat <<E\nhi\nE"],
])("%j is recalled as %j", (source, line) => {
  expect(recallable(source)).toBe(line);
});

test("an entry of several lines is recalled whole, in later sessions too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-history-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const history = new History(join(folder, "history"));
  const entries = ["print 'a\nb'", "ps", "exec -i x cat <<E\nhi\nE"];
  for (const entry of entries) await history.add(entry);
  await history.add("login -u me --password-stdin r.example <<E\nsecret\nE");
  expect(new History(join(folder, "history")).lines).toEqual(entries.toReversed());
});

test("the history is searched from its newest line, each line once", () => {
  expect(findInHistory(["ps -a", "run x", "ps", "ps -a"], "ps")).toEqual(["ps -a", "ps"]);
  expect(findInHistory(["ps"], "")).toEqual([]);
});

describe("keys", () => {
  const names = async (keys: Keys, count: number) => {
    const found: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const close = keys.open({
      key: ({ name, text }) => {
        found.push(text || name);
        if (found.length === count) resolve();
        return found.length === count;
      },
      end: resolve,
    });
    await promise;
    await close();
    return found;
  };

  test("what came behind the end of a line waits for who reads next", async () => {
    const stdin = new PassThrough();
    const keys = new Keys(stdin as unknown as NodeJS.ReadStream);
    const first = names(keys, 2);
    stdin.write("a\rbc\x1b[D\x12");
    expect((await first).slice(0, 2)).toEqual(["a", "return"]);
    expect(await names(keys, 3)).toEqual(["b", "c", "left"]);
    stdin.end("\x1b[200~x\r\ny\x1b[201~");
    expect(await names(keys, 2)).toEqual(["ctrl-r", "x\ny"]);
    expect(await names(keys, 1)).toEqual([]);
  });

  test("Ctrl-C behind the end of a line is for what that line runs", async () => {
    const stdin = new PassThrough();
    const { promise, resolve } = Promise.withResolvers<void>();
    const keys = new Keys(stdin as unknown as NodeJS.ReadStream, resolve);
    const first = names(keys, 2);
    stdin.write("a\rdropped\x03b");
    expect(await first).toEqual(["a", "return"]);
    await promise;
    expect(await names(keys, 1)).toEqual(["b"]);
  });

  test("so is one that the terminal holds still as a byte when it is given back", async () => {
    const stdin = new PassThrough();
    const interrupted: string[] = [];
    const setRawMode = (isRaw: boolean) => void (isRaw || stdin.write("\x03b"));
    const keys = new Keys(Object.assign(stdin, { setRawMode }) as unknown as NodeJS.ReadStream, () => interrupted.push("^C"));
    const first = names(keys, 1);
    stdin.write("\r");
    expect([await first, interrupted]).toEqual([["return"], ["^C"]]);
    expect(await names(keys, 1)).toEqual(["b"]);
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
  await terminal.screen.waitFor(/sleep 100s\n\^C\nberth>$/);
  terminal.type("\x04");
  expect(await terminal.exited).toBe(0);
});

test("hints, a pasted text, several lines to edit, and a history that tells how lines went", async () => {
  const state = mkdtempSync(join(tmpdir(), "berth-prompt-"));
  onTestFinished(() => rmSync(state, { recursive: true }));
  await using terminal = new Driver(["--root", join(state, "root"), "repl"], { env: { XDG_STATE_HOME: state } });
  await terminal.screen.waitFor(/berth>$/);
  await terminal.press("print first\r", /^first\nberth>$/m);
  await terminal.press("pri", /berth> print first$/);
  await terminal.press("\x1b[C\r", /berth> print first\nfirst\nberth>$/);
  await terminal.press("\x1b[200~print 'a\nb'\nprint c\n\x1b[201~", /berth> print 'a\n {3}\.\.\. b'\n {3}\.\.\. print c$/);
  await terminal.press("\x1b[A\x1b[A\x1b[Fx\r", /\.\.\. print c\nax\nb\nc\nberth>$/);
  await terminal.press("nosuch\r", /nosuch[^\n]*\n(.*\n)*berth>$/);
  await terminal.press("if print a == a {\rprint yes\r}\r", /yes\nberth>$/);
  await terminal.press(
    "history nos\x15\\history\r",
    / 0 +\/ +print 'ax; b'; print c\n.* 2 +\/ +nosuch\n.* 0 +\/ +if print a == a { print yes }\nberth>$/,
  );
  terminal.type("\\q\r");
  expect(await terminal.exited).toBe(0);
});

test("Ctrl-C leaves a container that was there before, which runs on; what is too wide is scrolled", async () => {
  await using program = new Program({ XDG_STATE_HOME: mkdtempSync(join(tmpdir(), "berth-prompt-")) });
  onTestFinished(() => rmSync(program.env["XDG_STATE_HOME"]!, { recursive: true }));
  await program.ok(["import", busyboxTar(), "busybox"]);
  await program.ok(["run", "-d", "--name", "web", "busybox", "sh", "-c", "while :; do echo tick; sleep 1; done"]);
  await using terminal = new Driver(["repl"], { env: program.env, columns: 60 });
  await terminal.screen.waitFor(/berth>$/);
  await terminal.press("attach web\r", /tick$/);
  await terminal.press("\x03", /berth>$/);
  await terminal.press("ps\r", /from column 1: .*q leaves$/);
  await terminal.press("\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C", /NAMES\n.*web\n/);
  await terminal.press("q", /CONTAINER ID.*…\n.*busybox.*…\nberth>$/);
  terminal.type("\x04");
  expect(await terminal.exited).toBe(0);
  expect(await program.ok(["ps", "--format", "{{.Names}} {{.State}}"])).toBe("web running\n");
});
