import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ProgressEvent } from "../../../engine/events.ts";
import { painter } from "../../../src/print.ts";
import { createProgress } from "../../../src/progress/index.ts";
import { PlainProgress } from "../../../src/progress/plain.ts";
import { seconds } from "../../../src/progress/steps.ts";
import { TerminalProgress } from "../../../src/progress/terminal.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

function screen(columns = 60, rows = 24) {
  const written: string[] = [];
  return {
    written,
    write: (text: string) => void written.push(text),
    size: () => ({ columns, rows }),
    paint: painter(false),
    terminal: false,
    text: () => written.join(""),
  };
}

const build: ProgressEvent[] = [
  { type: "step", id: "a", name: "[internal] load build definition", status: "started", time: 1_000_000 },
  { type: "step-status", id: "a", name: "transferring dockerfile", current: 1234, unit: "bytes", done: true },
  { type: "step", id: "a", name: "[internal] load build definition", status: "done", time: 1_000_120 },
  { type: "step", id: "b", name: "[1/2] FROM x", status: "cached", time: 1_000_130 },
  { type: "step", id: "c", name: "[2/2] RUN make", status: "started", time: 1_000_130 },
  { type: "step-log", id: "c", stream: "stdout", data: Buffer.from("cc one.c\nprogress 1%\rprogress 100%\nhal") },
  { type: "step-log", id: "c", stream: "stdout", data: Buffer.from("f \x1b[31mline") },
];

test("plain progress is BuildKit's lines", () => {
  const to = screen();
  const progress = new PlainProgress(to);
  for (const event of build) progress.event(event);
  progress.event({ type: "step", id: "c", name: "[2/2] RUN make", status: "failed", time: 1_002_130, error: "exit code: 2" });
  progress.close();
  expect(to.text()).toBe(
    [
      "#1 [internal] load build definition",
      "#1 transferring dockerfile 1.23kB done",
      "#1 DONE 0.1s",
      "",
      "#2 [1/2] FROM x",
      "#2 CACHED",
      "",
      "#3 [2/2] RUN make",
      "#3 -0.130 cc one.c",
      "#3 -0.130 progress 100%",
      "#3 2.000 half \\x1b[31mline",
      "#3 ERROR: exit code: 2",
      "------",
      " > [2/2] RUN make:",
      "-0.130 cc one.c",
      "-0.130 progress 100%",
      "2.000 half \\x1b[31mline",
      "------",
      "",
    ].join("\n"),
  );
});

test("a transfer prints a line for each change of its state", () => {
  const to = screen();
  const progress = new PlainProgress(to);
  progress.event({ type: "transfer", id: "abc", status: "Downloading", current: 1, total: 10 });
  progress.event({ type: "transfer", id: "abc", status: "Downloading", current: 9, total: 10 });
  progress.event({ type: "transfer", id: "abc", status: "Pull complete", done: true });
  progress.event({ type: "transfer", id: "", status: "Digest: sha256:0" });
  expect(to.text()).toBe("abc: Downloading\nabc: Pull complete\nDigest: sha256:0\n");
});

test("on a terminal it draws in place, in lines that fit", () => {
  const to = screen(40);
  const progress = new TerminalProgress(to);
  for (const event of build) progress.event(event);
  vi.advanceTimersByTime(2000);
  const last = to.written.at(-1)!;
  expect(last).toMatch(/^\x1b\[\d+A\r\x1b\[J/);
  const lines = last
    .replace(/^\x1b\[\d+A\r\x1b\[J/, "")
    .trimEnd()
    .split("\n");
  expect(lines[0]).toBe("[+] Building 2.0s (2/3)");
  expect(lines).toContain(" => CACHED [1/2] FROM x            0.0s");
  expect(lines.some((line) => line.startsWith(" => [2/2] RUN make"))).toBe(true);
  expect(lines).toContain(" => => # cc one.c");
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(39);
  progress.event({ type: "step", id: "c", name: "[2/2] RUN make", status: "done", time: 1_002_000 });
  progress.close();
  const end = to.written.at(-1)!;
  expect(end).toContain("[+] Building 2.0s (3/3) FINISHED");
  expect(end).not.toContain("# cc one.c");
});

test("it never draws more lines than the terminal has", () => {
  const to = screen(80, 10);
  const progress = new TerminalProgress(to);
  for (let at = 0; at < 50; at++) progress.event({ type: "step", id: String(at), name: `step ${at}`, status: "started", time: 1_000_000 });
  vi.advanceTimersByTime(500);
  const lines = to.written.at(-1)!.trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(8);
  expect(lines.at(-1)).toContain("step 49");
  progress.close();
  expect(to.written.at(-1)!.split("\n").length).toBeGreaterThan(50);
});

test("nothing draws after the end", () => {
  const to = screen();
  const progress = new TerminalProgress(to);
  progress.event({ type: "transfer", id: "x", status: "Extracting", current: 5, total: 10 });
  progress.close();
  const count = to.written.length;
  expect(to.text()).toContain("x: Extracting [===============>              ] 5B/10B");
  vi.advanceTimersByTime(5000);
  expect(to.written.length).toBe(count);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  [0, "0.0s"],
  [59_900, "59.9s"],
  [72_000, "1m12s"],
])("%d ms print as %s", (milliseconds, text) => {
  expect(seconds(milliseconds)).toBe(text);
});

describe("a project's parts", () => {
  const parts = [
    { type: "resource", kind: "Container", name: "app-web-1", status: "Created", state: "done" },
    { type: "resource", kind: "Network", name: "app_default", status: "Creating", state: "working", dryRun: true },
    { type: "resource", kind: "Container", name: "app-db-1", status: "Error", state: "error", text: "no room\nleft" },
  ] as const;

  test.each([
    ["plain", " Container app-web-1  Created\n DRY-RUN MODE -  Network app_default  Creating\n Container app-db-1  Error no room\n"],
    [
      "json",
      '{"id":"Container app-web-1","status":"Created"}\n{"dry-run":true,"id":"Network app_default","status":"Creating"}\n' +
        '{"id":"Container app-db-1","text":"no room\\nleft","status":"Error"}\n',
    ],
  ] as const)("%s, as docker compose writes them", (mode, text) => {
    const to = screen();
    const progress = createProgress({ mode, quiet: false, screen: to });
    for (const event of parts) progress.event(event);
    progress.close();
    expect(to.text()).toBe(text);
  });
});

test("a container among the lines of others is a line of its own, and nothing is drawn", () => {
  const to = screen();
  const progress = new TerminalProgress(to);
  progress.event({ type: "resource", kind: "Container", name: "app-web-1", status: "Stopping", state: "working", amongLines: true });
  vi.advanceTimersByTime(500);
  progress.close();
  expect(to.text()).toBe(" Container app-web-1  Stopping\n");
});

test("what has become of a container is coloured, its name is not", () => {
  const to = { ...screen(), paint: painter(true) };
  const progress = new TerminalProgress(to);
  progress.event({ type: "resource", kind: "Container", name: "web", status: "Started", state: "done" });
  progress.close();
  const gap = " ".repeat(60 - 4 - "Container web  Started0.0s".length);
  const line = ` \x1b[32m✔\x1b[0m Container web  \x1b[32mStarted\x1b[0m${gap}\x1b[34m0.0s\x1b[0m`;
  expect(to.text()).toContain(`\x1b[34m[+] Running 1/1\x1b[0m\n${line}\n`);
});
