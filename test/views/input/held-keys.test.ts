import { expect, test } from "vitest";
import { HeldKeys } from "../../../views/input/held-keys.ts";

function held() {
  const replayed: string[] = [];
  const dropped: string[] = [];
  const keys = new HeldKeys(
    (key) => replayed.push(key),
    (names) => dropped.splice(0, Infinity, ...names),
  );
  const typed: string[] = [];
  return { keys, replayed, dropped, typed, sink: { type: (bytes: Buffer) => void typed.push(bytes.toString()) } };
}

test("keys go to the terminal that opens", () => {
  const { keys, sink, typed, replayed, dropped } = held();
  const release = keys.hold();
  for (const key of ["t", "space", "enter", "left", "ctrl-c"]) expect(keys.take([key])).toBe(true);
  release(sink);
  release("nobody"); // too late
  expect({ typed, replayed, dropped }).toEqual({ typed: ["t \r\x1b[D\x03"], replayed: [], dropped: [] });
  expect(keys.take(["d"])).toBe(false);
});

test("they go on to the UI when the command opens none, and no other may", () => {
  const { keys, replayed } = held();
  const [one, other] = [keys.hold(), keys.hold()];
  keys.take(["j"]);
  one("ui");
  expect(replayed).toEqual([]);
  other("ui");
  expect(replayed).toEqual(["j"]);
});

test("nobody gets them when the terminal fails, nor what is still being typed for it", () => {
  const { keys, replayed, dropped } = held();
  const release = keys.hold();
  keys.take(["t"]);
  keys.drop();
  release("nobody");
  for (const key of ["o", "p", "enter", "d", "y"]) expect(keys.take([key])).toBe(true);
  expect(replayed).toEqual([]);
  expect(dropped).toEqual(["t", "o", "p", "enter", "d", "y"]);
});

test("a question waits until keys are heard again", async () => {
  const { keys } = held();
  keys.drop();
  expect(keys.take(["y"])).toBe(true);
  await keys.heard();
  expect(keys.take(["y"])).toBe(false);
});
