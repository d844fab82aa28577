import { expect, test } from "vitest";
import { createChannel, type Scene, showLogs } from "../../../../engine/compose/index.ts";
import type { Engine, ProgressEvent } from "../../../../engine/index.ts";

test("a reader that is slow, or goes away, is not run away from", async () => {
  let written = 0;
  const over = new AbortController();
  async function* logs() {
    while (!over.signal.aborted)
      yield [{ stream: "stdout", time: new Date(written).toISOString(), data: Buffer.from(`${written++}`), partial: false }];
  }
  const summary = { Id: "1", Names: ["/app-a-1"], Labels: {}, NetworkSettings: { Networks: {} } };
  const channel = createChannel<ProgressEvent>();
  const scene = {
    engine: { containers: { logs, list: async () => [summary] } } as unknown as Engine,
    project: { model: { name: "app", services: {} } },
    report: (event: ProgressEvent) => channel.push(event),
    room: () => channel.room(),
    signal: over.signal,
  } as unknown as Scene;
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
