/** Whose words come on standard error: the process's, or those of a runtime that failed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { withoutOwnWords } from "../../../engine/runtime/own-words.ts";

const directory = mkdtempSync(join(tmpdir(), "berth-words-"));
afterAll(() => rmSync(directory, { recursive: true }));

function listen() {
  const said: string[] = [];
  const words = withoutOwnWords(join(directory, "runtime.log"), async (chunk) => void said.push(chunk.toString()));
  return { said, words, feed: (text: string) => words.feed(Buffer.from(text)) };
}

test("without a logged error it is the process's", async () => {
  const { said, words, feed } = listen();
  await feed("a line\n");
  await feed("more");
  await words.end();
  expect(said.join("")).toBe("a line\nmore");
});

test("once the process will not start, it is the runtime's: what was kept back, and what comes", async () => {
  const { said, words, feed } = listen();
  await feed("sync socket\n");
  words.hush();
  await feed("killed\n");
  await words.end();
  expect(said).toEqual([]);
});
