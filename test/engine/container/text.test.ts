import { describe, expect, test } from "vitest";
import { restartDelay } from "../../../engine/container/life/restart-policy.ts";
import { decodeLog, decodeOutput } from "../../../engine/container/logs/k8s-log.ts";
import { signalNumber } from "../../../engine/container/plan/signals.ts";
import { judge, nextProbe } from "../../../engine/container/record/health.ts";
import { humanDuration, statusText } from "../../../engine/container/view/status-text.ts";
import { selectProcesses } from "../../../engine/container/view/top.ts";
import { DetachKeys, parseDetachKeys } from "../../../engine/detach-keys.ts";
import { logOf } from "./logs/log-of.ts";

const second = 1000;
const hour = 3600 * second;

test.each([
  [0, "Less than a second"],
  [1.5 * second, "1 second"],
  [59 * second, "59 seconds"],
  [61 * second, "About a minute"],
  [59 * 60 * second, "59 minutes"],
  [61 * 60 * second, "About an hour"],
  [47 * hour, "47 hours"],
  [49 * hour, "2 days"],
  [15 * 24 * hour, "2 weeks"],
  [61 * 24 * hour, "2 months"],
  [800 * 24 * hour, "2 years"],
])("%d ms is %s", (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text);
});

test("status in docker's words", () => {
  const now = Date.parse("2026-01-01T00:10:00Z");
  const base = { config: { Image: "i" }, started: "2026-01-01T00:07:00Z", finished: "0001-01-01T00:00:00Z", exitCode: 0 };
  const text = (changes: object) => statusText({ ...base, status: "running", ...changes } as Parameters<typeof statusText>[0], now);
  expect(text({})).toBe("Up 3 minutes");
  expect(text({ health: { Status: "healthy", FailingStreak: 0, Log: [] } })).toBe("Up 3 minutes (healthy)");
  expect(text({ health: { Status: "starting", FailingStreak: 0, Log: [] } })).toBe("Up 3 minutes (health: starting)");
  expect(text({ status: "paused" })).toBe("Up 3 minutes (Paused)");
  expect(text({ status: "created" })).toBe("Created");
  expect(text({ status: "exited", exitCode: 137, finished: "2026-01-01T00:08:00Z" })).toBe("Exited (137) 2 minutes ago");
});

describe("detach keys", () => {
  test("notation", () => {
    expect(parseDetachKeys("ctrl-p,ctrl-q")).toEqual([16, 17]);
    expect(parseDetachKeys("a,ctrl-[,ctrl-_")).toEqual([97, 27, 31]);
    expect(() => parseDetachKeys("ctrl-")).toThrow("Invalid escape keys");
    expect(() => parseDetachKeys("meta-x")).toThrow("Invalid escape keys");
  });

  test("the sequence may come in pieces; what only looked like it is passed on", () => {
    const keys = new DetachKeys(undefined);
    const feed = (...bytes: number[]) => {
      const { pass, detached } = keys.feed(Uint8Array.from(bytes));
      return [[...pass], detached];
    };
    expect(feed(65, 16)).toEqual([[65], false]);
    expect(feed(66)).toEqual([[16, 66], false]);
    expect(feed(16, 16)).toEqual([[16], false]);
    expect(feed(17, 67)).toEqual([[], true]);
  });

  test("where there is another way out, nothing is held back", () => {
    const keys = new DetachKeys(undefined, true);
    const feed = (...bytes: number[]) => {
      const { pass, detached } = keys.feed(Uint8Array.from(bytes));
      return [[...pass], detached];
    };
    expect(feed(65, 16)).toEqual([[65, 16], false]);
    expect(feed(66)).toEqual([[66], false]);
    expect(feed(16, 16)).toEqual([[16, 16], false]);
    expect(feed(17, 67)).toEqual([[], true]);
  });
});

describe("log lines", () => {
  const time = "2026-01-01T00:00:00.000000001Z";

  test("whole lines, the rest in part", () => {
    const entries = decodeLog(logOf("stdout", Buffer.from("a b\n\nrest"), time));
    expect(entries.map((entry) => [entry.stream, entry.time, Buffer.from(entry.data).toString(), entry.partial ?? false])).toEqual([
      ["stdout", time, "a b", false],
      ["stdout", time, "", false],
      ["stdout", time, "rest", true],
    ]);
  });

  test("long lines are cut, any bytes come back", () => {
    const bytes = Buffer.alloc(20_000, Buffer.from([0xff, 0x00, 0x1b, 0x80]));
    const entries = decodeLog(logOf("stderr", bytes, time));
    expect(entries.every((entry) => entry.partial && entry.data.length <= 8192)).toBe(true);
    expect(Buffer.concat(entries.map((entry) => entry.data))).toEqual(bytes);
  });

  test("output is what was written, in one piece for each change of stream", () => {
    const log = Buffer.concat([
      logOf("stdout", Buffer.from("one\ntwo\npart"), time),
      logOf("stderr", Buffer.from("err\n"), time),
      logOf("stdout", Buffer.from("ial\n"), time),
    ]);
    expect(decodeOutput(log).map(({ stream, data }) => [stream, Buffer.from(data).toString()])).toEqual([
      ["stdout", "one\ntwo\npart"],
      ["stderr", "err\n"],
      ["stdout", "ial\n"],
    ]);
  });

  test("lines of every length, more than is put together at once, are one line of the log each and come back", () => {
    const lengths = [0, 1, 2, 7, 8, 9, 62, 63, 64, 65, 1000, 8191, 8192];
    const text = Buffer.from(
      Array.from({ length: 40 }, (_, at) => lengths.map((length) => "x".repeat(length)).join("\n") + "\n".repeat(1 + (at % 3))).join(""),
    );
    const log = Buffer.concat([
      logOf("stdout", text, time),
      Buffer.from("garbage\n"),
      logOf("stdout", text, "2026-01-01T00:00:00.000000002Z"),
    ]);
    expect(Buffer.concat(decodeLog(log).flatMap(({ data }) => [Buffer.from(data), Buffer.from("\n")]))).toEqual(
      Buffer.concat([text, text]),
    );
    expect(Buffer.concat(decodeOutput(log).map(({ data }) => Buffer.from(data)))).toEqual(Buffer.concat([text, text]));
  });

  test("a line longer than a log line is cut where conmon cuts it", () => {
    const log = logOf("stdout", Buffer.from(`${"x".repeat(8193)}\n`), time).toString();
    expect(log).toBe(`${time} stdout P ${"x".repeat(8192)}\n${time} stdout F x\n`);
  });

  test("what is no log line is nothing", () => {
    expect(decodeLog(Buffer.from("garbage\nt other F x\n\nt stdout\nt stdout F\n"))).toEqual([]);
  });
});

test.each([
  ["KILL", 9],
  ["sigterm", 15],
  ["9", 9],
  ["RTMIN+1", 35],
  ["RTMAX", 64],
])("signal %s is %d", (text, number) => {
  expect(signalNumber(text)).toBe(number);
});
test.each(["", "0", "65", "NOPE", "RTMIN+40"])("signal %j is refused", (text) => {
  expect(() => signalNumber(text)).toThrow("invalid signal");
});

test("restarts come later and later, until a run was steady", () => {
  const run = (milliseconds: number, restartCount: number) =>
    restartDelay({ started: new Date(0).toISOString(), finished: new Date(milliseconds).toISOString(), restartCount });
  expect([0, 1, 2, 3].map((count) => run(10, count))).toEqual([100, 200, 400, 800]);
  expect(run(10, 30)).toBe(60_000);
  expect(run(11_000, 30)).toBe(100);
});

describe("health", () => {
  const health = { Test: ["CMD", "x"], Interval: 30e9, Timeout: 1e9, StartPeriod: 60e9, StartInterval: 5e9, Retries: 2 };
  const probe = (ExitCode: number) => ({ Start: "", End: "", ExitCode, Output: "" });

  test("failures in the start period do not count, then as many as Retries do", () => {
    const starting = judge(health, undefined, probe(1), true);
    expect(starting).toMatchObject({ Status: "starting", FailingStreak: 0 });
    const healthy = judge(health, starting, probe(0), true);
    expect(healthy.Status).toBe("healthy");
    const once = judge(health, healthy, probe(1), false);
    expect(once).toMatchObject({ Status: "healthy", FailingStreak: 1 });
    expect(judge(health, once, probe(1), false)).toMatchObject({ Status: "unhealthy", FailingStreak: 2 });
  });

  test("probes come faster while it starts, and five are kept", () => {
    expect(nextProbe(health, undefined, 0, 1000)).toBe(5000);
    expect(nextProbe(health, undefined, 0, 61_000)).toBe(30_000);
    let state = judge(health, undefined, probe(0), false);
    for (let index = 0; index < 9; index++) state = judge(health, state, probe(0), false);
    expect(state.Log).toHaveLength(5);
  });
});

test("top picks the container's processes; the last column keeps its blanks", () => {
  const output = "UID   PID CMD\nroot    1 init\nroot   77 sh -c echo  x\n";
  expect(selectProcesses(output, new Set([77]))).toEqual({ Titles: ["UID", "PID", "CMD"], Processes: [["root", "77", "sh -c echo x"]] });
  expect(() => selectProcesses("A B\n1 2\n", new Set())).toThrow("PID");
});

describe("log lines, exactly", () => {
  const line = (text: string) => Buffer.from(`2026-01-01T00:00:00Z ${text}\n`);

  test("only a part is marked as one", () => {
    const [whole, part] = decodeLog(Buffer.concat([line("stdout F a"), line("stderr P b")]));
    expect(Object.keys(whole!)).toEqual(["stream", "time", "data"]);
    expect(part).toEqual({ stream: "stderr", time: "2026-01-01T00:00:00Z", data: Buffer.from("b"), partial: true });
  });

  test("a part without text is no output", () => {
    expect(decodeOutput(Buffer.concat([line("stdout P "), line("stderr P b"), line("stdout P ")]))).toEqual([
      { stream: "stderr", time: "2026-01-01T00:00:00Z", data: Buffer.from("b"), partial: true },
    ]);
    expect(decodeOutput(Buffer.from("no line of a log\n"))).toEqual([]);
  });
});
