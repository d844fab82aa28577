/** Modes as ls(1) writes them. */
import { expect, test } from "vitest";
import { modeText } from "../../../src/format/file-mode.ts";

test("kind, permissions, set-id and sticky bits with and without what they stand for", () => {
  expect(modeText("directory", 0o1777)).toBe("drwxrwxrwt");
  expect(modeText("file", 0o6740)).toBe("-rwsr-S---");
  expect(modeText("link", 0o777)).toBe("lrwxrwxrwx");
});
