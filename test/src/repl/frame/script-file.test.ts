/** The text of scripts: what is none is said, and where. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readScript } from "../../../../src/repl/frame/script-file.ts";

function failure(bytes: Uint8Array): unknown {
  const folder = mkdtempSync(join(tmpdir(), "berth-script-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "a.berth"), bytes);
  try {
    return readScript(join(folder, "a.berth"), "a.berth");
  } catch (error) {
    return error;
  }
}

test("a byte that is no UTF-8 is an error at its place, for another in its stead would say something else", () => {
  expect(failure(Buffer.from("print ok\nprint caf\xe9 x\n", "latin1"))).toMatchObject({
    code: "syntax",
    message: "this byte is no UTF-8",
    location: { file: "a.berth", line: 2, column: 10 },
  });
  expect(failure(Buffer.from("print \ufffd é\n"))).toBe("print \ufffd é\n");
});

test("a byte order mark is not of the text: places are counted from behind it", () => {
  expect(failure(Buffer.from("\ufeffprint a\n"))).toBe("print a\n");
  expect(failure(Buffer.of(0xef, 0xbb, 0xbf, 0xff))).toMatchObject({ location: { line: 1, column: 1 } });
});

test("a device that never ends, and what is too large, do not fill the memory", () => {
  const tooLarge = { code: "invalid", message: 'cannot read the script "zero": it is larger than 64 MiB' };
  expect(() => readScript("/dev/zero", "zero")).toThrow(expect.objectContaining(tooLarge));
  expect(() => readScript("/", "root")).toThrow(/^cannot read the script "root": EISDIR/);
  expect(() => readScript("/no/such", "x")).toThrow(/^cannot read the script "x": ENOENT/);
});
