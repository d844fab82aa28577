/** Keys that mean two things are refused, with both and their places; so is what would leave no way out. */
import { expect, test } from "vitest";
import { parseSettings } from "../../../views/config/read.ts";

const refusal = (text: string) =>
  parseSettings(text, "c.yaml").then(
    () => "taken",
    ({ message }: Error) => message,
  );

test.each([
  [
    "keys:\n  container.stop: ctrl-t\n  list.filter: ctrl-t",
    'c.yaml:3:16: the key ^T means two things: "list.filter" here, and "container.stop" at 2:19',
  ],
  [
    "keys:\n  container.stop: [s, x]",
    'c.yaml:2:23: the key x means two things: "container.stop" here, and "container.exec" as berth comes: give "container.exec" another key, or "none"',
  ],
  [
    "commands:\n  - name: slim\n    key: s\n    run: ps",
    'c.yaml:3:10: the key s means two things: "slim" here, and "container.stop" as berth comes',
  ],
  [
    "commands:\n  - { name: a, key: ctrl-t, run: ps }\n  - { name: b, key: ctrl-t, run: ps }",
    'c.yaml:3:21: the key ^T means two things: "b" here, and "a" at 2:21',
  ],
  ["keys:\n  app.quit: none", 'c.yaml:2:13: "app.quit" needs a key: without it there is no way out'],
  ["keys:\n  prompt.cancel: q", 'c.yaml:2:18: "q" cannot be the key of "prompt.cancel": it is text where something is typed'],
])("%j", async (text, message) => {
  expect(await refusal(text)).toContain(message);
});

test.each([
  ["the other one gave it away", "keys:\n  container.stop: x\n  container.exec: none"],
  ["they swapped", "keys:\n  container.stop: x\n  container.exec: s"],
  ["it is free in the lists of the command", "commands:\n  - { name: a, key: s, lists: images, run: ps }"],
  ["another place has its own keys", "keys:\n  pager.leave: ctrl-x\n  list.filter: ctrl-x"],
])("no conflict: %s", async (_why, text) => {
  expect(await refusal(text)).toBe("taken");
});
