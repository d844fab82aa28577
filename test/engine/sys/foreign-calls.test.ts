/** C functions are called by an addon of berth's own on Bun, and by koffi on Node: both must take and give the same. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script
import { asBun, bun } from "../../../scripts/quick.mjs";

const script = new URL("./foreign-calls.ts", import.meta.url).pathname;

test.each([
  ["Node", process.execPath, "koffi.node"],
  ["Bun", bun, "calls.node"],
])("what is passed and given back on %s", { timeout: 60_000 }, (_, program, library) => {
  const { stdout, stderr, status } = spawnSync(program, [script], { encoding: "utf8", env: { ...process.env, ...asBun } });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(JSON.parse(stdout)).toEqual({
    "a negative int, and errno": [-1, 9],
    "errno is the last call's": [-1, 9, 0],
    "an unsigned int": 0xff000000,
    "a long beyond 32 bits, of a number and a bigint": [2 ** 40, 2 ** 41],
    "a text, given and got": [6, "No such file or directory"],
    "no text": null,
    "memory of an array, from where it begins": [0, 0, 5, 0, 0, 0, 0, 0],
    "the address of it": [3, 0, 0, 0, 0, 0, 0, 0],
    null: true,
    "errors are the system's": 'EBADF (bad file descriptor), close "x"',
    "eight parameters": `1 -2 3 ${2 ** 40} -5`,
    "what is not there": ["refused", "refused", "refused"],
    "called by": [library],
  });
});
