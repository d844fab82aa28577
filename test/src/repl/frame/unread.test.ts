/** What patterns read: consumed by matches, found across chunks, bounded, and fast over a long output. */
import { expect, test } from "vitest";
import { Unread } from "../../../../src/repl/frame/unread.ts";
import { ExpectTerminal } from "../../../../src/repl/terminals/expect-terminal.ts";

const text = (unread: Unread, ...chunks: string[]) => {
  for (const chunk of chunks) unread.write(Buffer.from(chunk));
};

test("a match begins where the earliest does, wherever chunks and escape sequences are cut", () => {
  const unread = new Unread();
  const look = { upTo: 0 };
  const patterns = [/never/, /l(o+)g in/, /in/];
  text(unread, "\x1b[1;3", "2mlo");
  expect(unread.take(patterns, look)).toBeUndefined();
  text(unread, "og\x1b[", "0m ");
  expect(unread.take(patterns, look)).toBeUndefined();
  text(unread, "in: \x1b]0;ti", "tle\x07rest");
  expect(unread.take(patterns, look)).toMatchObject({ which: 1, before: "" });
  expect(unread.text).toBe(": rest");
  expect(new Unread().take([/^$/])).toMatchObject({ which: 0 });
});

test("^ is the beginning of what is unread, and stays so when more comes", () => {
  const unread = new Unread();
  const look = { upTo: 0 };
  text(unread, "ab");
  expect(unread.take([/^b/], look)).toBeUndefined();
  text(unread, "b");
  expect(unread.take([/^b/], look)).toBeUndefined();
  expect(unread.take([/^ab/])).toMatchObject({ before: "" });
});

test("a hundred megabytes leave a bounded rest, and each look costs what is new", () => {
  const unread = new Unread();
  const look = { upTo: 0 };
  const chunk = Buffer.from("line of output\r\n".repeat(4096));
  for (let bytes = 0; bytes < 100e6; bytes += chunk.length) {
    unread.write(chunk);
    expect(unread.take([/pass(word)?:/, /never/], look)).toBeUndefined();
  }
  expect(unread.text.length).toBeLessThan(1.3 * 2 ** 20);
  text(unread, "passw", "ord:");
  const taken = unread.take([/pass(word)?:/], look);
  expect(taken).toMatchObject({ which: 0 });
  expect(taken!.before.endsWith("line of output\r\n")).toBe(true);
  expect(unread.text).toBe("");
});

test("what is written byte by byte is looked at once a turn, and its memory does not grow slower the more there is", async () => {
  const terminal = new ExpectTerminal();
  let looks = 0;
  terminal.onChange(() => looks++);
  const count = 600_000;
  for (let number = 0; number < count; number++) terminal.output.write(Buffer.from("y\r\n"));
  expect(looks).toBe(0);
  await new Promise(setImmediate);
  expect(looks).toBe(1);
  expect(terminal.take([/n?y\r\n$/])).toBeDefined();
  terminal.output.write(Buffer.from("\x1b[2J\x1b[H\x1b[3;2Hlast"));
  expect((await terminal.screen()).slice(0, 3)).toEqual(["", "", " last"]);
  const before = looks;
  terminal.end();
  expect(looks).toBe(before + 1);
});

test("a screen is what a person would see, with what came before it was asked for and after", async () => {
  const terminal = new ExpectTerminal();
  terminal.output.write(Buffer.from("one\r\ntwo\x1b[1;1HONE\x1b[2;4H!"));
  expect((await terminal.screen()).slice(0, 3)).toEqual(["ONE", "two!", ""]);
  terminal.output.write(Buffer.from("\x1b[2J\x1b[3;2Hthird"));
  expect((await terminal.screen()).slice(0, 3)).toEqual(["", "", " third"]);
  terminal.resize(4, 2);
  expect(await terminal.screen()).toHaveLength(2);
});
