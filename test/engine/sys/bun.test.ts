/** The quick executable is Bun's: what the engine asks of the event loop must come out alike on both. */
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script
import { asBun, bun } from "../../../scripts/quick.mjs";

const script = new URL("./pipes-and-watches.ts", import.meta.url).pathname;

const env = { ...process.env, ...asBun };

test.each([
  ["Node", process.execPath],
  ["Bun", bun],
])("pipes and watches on %s", { timeout: 60_000 }, (_, program) => {
  expect(existsSync(program)).toBe(true);
  const { stdout, stderr, status } = spawnSync(program, [script], { encoding: "utf8", env, timeout: 60_000 });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(JSON.parse(stdout)).toEqual({
    output: { bytes: 5_000_000, zero: true, error: "wrong\n", status: 3 },
    input: { same: true, status: 0 },
    "input that is not read": { status: 4 },
    "nobody listens": { status: 5 },
    destroyed: { first: "first", end: "closed", broken: "EPIPE" },
    paused: { held: true, status: 0, bytes: 50_000_000 },
    "a process that ends": { before: false, state: 0 },
    "a watch that is given up": { alive: true, status: 0 },
    "a process that is gone already": "resolved",
    "how a process begins": {
      said: ["SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000", "/", "its name a value ", "flags:\t0100002", ""],
      status: 3,
    },
    "what cannot be started": {
      errors: [
        ["ENOENT", "spawn", 'ENOENT (no such file or directory), spawn "/nothing"'],
        ["EACCES", "spawn", 'EACCES (permission denied), spawn "/etc/passwd"'],
      ],
      more: 0,
    },
    "a signal": { status: 143 },
    "descriptors are closed again": { more: 0 },
  });
});

test("input is taken to its end: of a pipe, whenever that ends, and of a file, from where it was handed over", { timeout: 60_000 }, () => {
  const take = (options: object) =>
    spawnSync(bun, [new URL("./input.ts", import.meta.url).pathname], { encoding: "utf8", env, ...options });
  // Bun's own process.stdin does not say in one of twenty that a pipe has ended.
  const input = Buffer.alloc(500_000);
  for (let time = 0; time < 30; time++) expect(take({ input, timeout: 10_000 })).toMatchObject({ status: 0, stdout: "500000", stderr: "" });
  const fd = openSync(script, "r");
  try {
    readSync(fd, Buffer.alloc(1000));
    expect(take({ stdio: [fd, "pipe", "pipe"] })).toMatchObject({ status: 0, stdout: String(fstatSync(fd).size - 1000) });
  } finally {
    closeSync(fd);
  }
});

test("work on layers is refused before anything is done, as the quick executable has no thread for it", () => {
  const thread = new URL("../../../engine/image/layer/layer-thread.ts", import.meta.url).pathname;
  const code = `const { LayerThread } = await import(${JSON.stringify(thread)});
    try { new LayerThread({ kind: "unpack", root: "/", prefix: "", source: "stream" }) } catch (error) { console.log(error.code, error.message) }`;
  const { stdout, stderr } = spawnSync(bun, ["-e", code], { encoding: "utf8", env, timeout: 60_000 });
  expect({ stdout, stderr }).toEqual({ stdout: "internal cannot work on layers: this program has no threads for it\n", stderr: "" });
});
