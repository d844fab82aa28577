/** Programs of the host that are called off: they end, whatever they think of it, and whatever they have started. */
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { type HostOptions, startProgram } from "../../../../src/repl/run/host-program.ts";

const io = { cwd: "/", env: process.env };
const start = (script: string, options: Partial<HostOptions>) =>
  startProgram(["sh", "-c", script], { io, signal: new AbortController().signal, fed: false, read: true, ...options });

test("a program that takes no notice of SIGTERM is killed after its patience", async () => {
  const over = new AbortController();
  const { output, end } = start("trap '' TERM; echo ready; exec sleep 1000", { signal: over.signal, patience: 50 });
  output!.once("data", () => over.abort());
  expect(await end).toBe(137);
});

test("a program that goes when it is asked to is not killed", async () => {
  const over = new AbortController();
  const { output, end } = start("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done", { signal: over.signal });
  output!.once("data", () => over.abort());
  expect(await end).toBe(7);
});

test("what it has started does not hold its end", async () => {
  const over = new AbortController();
  const { output, end } = start("sleep 1000 & echo $!; wait", { signal: over.signal });
  const [line] = (await new Promise<Buffer>((first) => output!.once("data", first))).toString().split("\n");
  try {
    over.abort();
    expect(await end).toBe(143);
  } finally {
    process.kill(Number(line));
  }
});

test("it does not outlive a session that is over before it started", async () => {
  const { output, end } = start("exec sleep 1000", { signal: AbortSignal.abort() });
  const text = buffer(output!).catch(() => undefined);
  expect(await end).toBe(143);
  await text;
});
