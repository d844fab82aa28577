/** Storms of pastes on whatever is open: they remove nothing, stop nothing, and leave nothing behind but text in fields. */
import { expect, test } from "vitest";
import { type Chance, chance, testSeed } from "../support/random.ts";
import { fake, open, press, terminal } from "./tui-scene.ts";

/** What text is made of, and what a bracketed paste may hold besides. */
const text = [...Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)), "\r", "\t"];
const anything = [...text, ..."\x01\x03\x04\x0e\x0f\x10\x12\x15\x16\x7f", "\x1b[A", "\x1b[3~", "\x1b[6~"];

/** At least three keys, and never one again and again, which would be held down. No command line, which may be typed ahead. */
function piece(random: Chance, keys: readonly string[]): string {
  const typed = Array.from({ length: 3 + random.below(40) }, () => random.pick(keys));
  return ["d", "y", ...typed].join("").replaceAll(":", ".");
}

test.each([
  ["a list", "", "Images 2"],
  ["a question", "d", "Remove container"],
  ["a menu", "!", "Send a signal"],
  ["a log", "l", "logs of web"],
  ["details", "\r", "container web"],
  ["the help", "?", "stop what runs"],
])("1,000 keys pasted over %s remove nothing", async (_name, key, shown) => {
  await open();
  const before = [...fake.containers];
  const random = chance(testSeed);
  let count = 0;
  if (key) await press(key, shown);
  for (let turn = 0; count < 1000; turn++) {
    const isMarked = turn % 2 === 0;
    const pasted = piece(random, isMarked ? anything : text);
    count += pasted.length;
    terminal.type(isMarked ? `\x1b[200~${pasted}\x1b[201~` : pasted);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await terminal.screen.waitFor(() => true);
  expect(fake.calls).toEqual([]);
  expect(fake.containers).toEqual(before);
});
