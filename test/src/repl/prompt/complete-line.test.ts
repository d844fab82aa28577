/** Completion behind the words of the language: what a command would offer there. */
import { expect, test } from "vitest";
import { completeLine } from "../../../../src/repl/prompt/complete-line.ts";
import { Session } from "../../../../src/repl/session.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

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
])("%s", async (line, candidates) => {
  const session = new Session({ engine: fakeEngine().engine, io: { streams: {}, cwd: "/", env: {} } as never });
  session.variables.set("mine", 1);
  expect((await completeLine(session, line, new AbortController().signal))[0]).toEqual(candidates);
});
