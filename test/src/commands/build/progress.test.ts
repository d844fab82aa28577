import { expect, test } from "vitest";
import type { BuildEvent } from "../../../../engine/index.ts";
import { createBuildRenderer } from "../../../../src/commands/build/progress.ts";

const step = (id: string, name: string, status: "started" | "cached" | "done" | "failed", time = 0, error?: string): BuildEvent => ({
  type: "step",
  id,
  name,
  status,
  time,
  ...(error ? { error } : {}),
});
const log = (id: string, text: string): BuildEvent => ({ type: "step-log", id, stream: "stdout", data: new TextEncoder().encode(text) });

test("each event gives its lines, the end repeats what a failed step said", () => {
  const renderer = createBuildRenderer("plain");
  const events = [
    step("1", "[1/2] FROM docker.io/library/busybox:latest", "cached"),
    step("2", "[2/2] RUN false", "started"),
    log("2", "reason\nunfinished"),
    step("2", "[2/2] RUN false", "failed", 1, "exit code: 1"),
  ];
  const untimed = (text: string) => text.replace(/-?\d+\.\d{3} /g, "T ");
  expect(events.map((event) => untimed(renderer.event(event))).join("")).toBe(
    "#1 [1/2] FROM docker.io/library/busybox:latest\n#1 CACHED\n\n#2 [2/2] RUN false\n#2 T reason\n#2 T unfinished\n#2 ERROR: exit code: 1\n",
  );
  expect(untimed(renderer.end())).toBe("------\n > [2/2] RUN false:\nT reason\nT unfinished\n------\n");
});
