import { expect, test } from "vitest";
import { createChannel, type Scene, showLogs } from "../../../../engine/compose/index.ts";
import type { Engine, ProgressEvent } from "../../../../engine/index.ts";

/** A project of one container that writes this. */
function sceneOf(logs: () => AsyncGenerator<unknown>, signal = new AbortController().signal) {
  const summary = { Id: "1", Names: ["/app-a-1"], Labels: {}, NetworkSettings: { Networks: {} } };
  const channel = createChannel<ProgressEvent>();
  const scene = {
    engine: { containers: { logs, list: async () => [summary] } } as unknown as Engine,
    project: { model: { name: "app", services: {} } },
    report: (event: ProgressEvent) => channel.push(event),
    room: () => channel.room(),
    signal,
  } as unknown as Scene;
  return { channel, scene };
}

test("what both streams wrote is its output: a filter behind it reads all", async () => {
  const { channel, scene } = sceneOf(async function* () {
    yield ["stdout", "stderr"].map((stream) => ({ stream, time: new Date(0).toISOString(), data: Buffer.from(stream), partial: false }));
  });
  const shown = showLogs(scene, () => true, {}, { colours: false, prefixes: true, timestamps: false }).finally(() => channel.close());
  const streams: string[] = [];
  for await (const event of channel.drain()) if (event.type === "output") streams.push(`${event.stream} ${Buffer.from(event.data)}`);
  await shown;
  expect(streams).toEqual(["stdout a-1  | stdout\n", "stdout a-1  | stderr\n"]);
});

test("a reader that is slow, or goes away, is not run away from", async () => {
  let written = 0;
  const over = new AbortController();
  async function* logs() {
    while (!over.signal.aborted)
      yield [{ stream: "stdout", time: new Date(written).toISOString(), data: Buffer.from(`${written++}`), partial: false }];
  }
  const { channel, scene } = sceneOf(logs, over.signal);
  const shown = showLogs(scene, () => true, {}, { colours: false, prefixes: true, timestamps: false });
  const lines: string[] = [];
  for await (const event of channel.drain()) {
    if (event.type === "output") lines.push(Buffer.from(event.data).toString());
    await new Promise(setImmediate);
    expect(written - lines.length).toBeLessThan(1100);
    if (lines.length === 3000) break;
  }
  expect(lines[2999]).toBe("a-1  | 2999\n");
  over.abort();
  await shown; // it does not wait for a reader that is gone
});
