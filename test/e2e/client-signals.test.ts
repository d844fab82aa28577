/** Signals by kill(1) to a client: they reach the container's process, whose status comes back. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Driver } from "../support/driver.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

let program: Program;

beforeAll(async () => {
  program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
});
afterAll(() => program[Symbol.asyncDispose]());

/** Says "ready", names each signal that it hears, and ends with 40 plus its number at SIGTERM and SIGINT. */
const listening = [
  "busybox",
  "sh",
  "-c",
  "trap 'exit 55' TERM; trap 'exit 42' INT; trap 'echo heard' HUP; echo ready; while :; do sleep 0.05; done",
];

const clients: [string, string[]][] = [
  ["run -it", ["run", "-it"]],
  ["run -it --rm", ["run", "-it", "--rm"]],
  ["run -i --rm", ["run", "-i", "--rm"]],
  ["run", ["run"]],
];
test.each(clients)("%s", { timeout: 120_000 }, async (_, words) => {
  for (const [signal, status] of [
    ["SIGTERM", 55],
    ["SIGINT", 42],
  ] as const) {
    await using client = new Driver([...words, ...listening], { env: program.env });
    await client.screen.waitFor("ready");
    for (let count = 1; count <= 4; count++) {
      client.kill("SIGHUP");
      await client.screen.waitFor((text) => text.split("heard").length > count);
    }
    client.kill(signal);
    expect(await client.exited).toBe(status);
  }
});
