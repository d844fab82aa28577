/** What is a terminal, by its device's number. */
import { closeSync, fstatSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { makePseudoTerminal } from "../../engine/sys/pseudo-terminal.ts";
import { isTerminalDevice } from "../../src/terminal.ts";

test("memory is none, a pseudo terminal is one, of others the number does not tell", () => {
  expect(isTerminalDevice(statSync("/dev/null").rdev)).toBe(false);
  expect(isTerminalDevice(statSync("/dev/tty").rdev)).toBeUndefined();
  const { master, slave } = makePseudoTerminal({ columns: 80, rows: 24 });
  expect(isTerminalDevice(fstatSync(slave).rdev)).toBe(true);
  closeSync(master);
  closeSync(slave);
});
