import { describe, expect, test } from "vitest";
import { goDuration } from "../../../engine/duration.ts";
import { ago, humanDuration, parseMilliseconds, timestamp } from "../../../src/format/duration.ts";
import { binarySize, humanSize, parseBytes } from "../../../src/format/size.ts";
import { parseInstant, parseTime } from "../../../src/format/time.ts";

describe("sizes", () => {
  test.each([
    [0, "0B"],
    [999, "999B"],
    [1000, "1kB"],
    [1234, "1.23kB"],
    [12_345, "12.3kB"],
    [123_456, "123kB"],
    [1_240_000_000, "1.24GB"],
    [77_800_000, "77.8MB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(humanSize(bytes)).toBe(text);
  });

  test.each([
    [0, "0B"],
    [1024, "1KiB"],
    [1_572_864, "1.5MiB"],
    [8_228_667_392, "7.664GiB"],
  ])("%d bytes are %s in binary units", (bytes, text) => {
    expect(binarySize(bytes)).toBe(text);
  });

  test.each([
    ["512", 512],
    ["64b", 64],
    ["1k", 1024],
    ["64m", 67_108_864],
    ["64MB", 67_108_864],
    ["64MiB", 67_108_864],
    ["1.5g", 1_610_612_736],
    ["-1", -1],
    ["", undefined],
    ["g", undefined],
    ["-5", undefined],
    ["1x", undefined],
  ])("%j is %s bytes", (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });
});

describe("durations", () => {
  test.each([
    ["0", 0],
    ["30s", 30_000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["-10s", -10_000],
    ["1h1m1s1ms", 3_661_001],
    ["5", undefined],
    ["s", undefined],
    ["1m!", undefined],
    ["", undefined],
  ])("%j is %s ms", (text, milliseconds) => {
    expect(parseMilliseconds(text)).toBe(milliseconds);
  });

  // go-units, HumanDuration
  test.each([
    [0.5, "Less than a second"],
    [1, "1 second"],
    [45, "45 seconds"],
    [60, "About a minute"],
    [119, "About a minute"],
    [120, "2 minutes"],
    [3599, "59 minutes"],
    [3600, "About an hour"],
    [2 * 3600, "2 hours"],
    [47 * 3600, "47 hours"],
    [48 * 3600, "2 days"],
    [13 * 86_400, "13 days"],
    [14 * 86_400, "2 weeks"],
    [59 * 86_400, "8 weeks"],
    [60 * 86_400, "2 months"],
    [729 * 86_400, "24 months"],
    [730 * 86_400, "2 years"],
  ])("%d s are %s", (seconds, text) => {
    expect(humanDuration(seconds)).toBe(text);
  });

  test("a time in the future is less than a second ago", () => {
    expect(ago(2000, 1_000_000)).toBe("Less than a second ago");
    expect(ago(880, 1_000_000)).toBe("2 minutes ago");
  });

  test.each([
    [0, "0s"],
    [30e9, "30s"],
    [90e9, "1m30s"],
    [1.5e9, "1.5s"],
    [250e6, "250ms"],
    [3600e9, "1h0m0s"],
  ])("%d ns print as %s", (nanoseconds, text) => {
    expect(goDuration(nanoseconds)).toBe(text);
  });

  test("a timestamp is docker's CreatedAt", () => {
    expect(timestamp(1_700_000_000)).toMatch(/^2023-11-1\d \d\d:\d\d:20 [+-]\d{4} \S+$/);
  });
});

describe("points in time", () => {
  const now = Date.UTC(2024, 4, 1, 12);
  test.each([
    ["1700000000", 1_700_000_000],
    ["1700000000.25", 1_700_000_000.25],
    ["10m", now / 1000 - 600],
    ["0s", now / 1000],
    ["2024-05-01T10:00:00Z", now / 1000 - 7200],
    ["2024-05-01T12:00:00.5+01:00", now / 1000 - 3600 + 0.5],
  ])("%s", (text, seconds) => {
    expect(parseTime(text, "since", now)).toBe(seconds);
  });

  test.each([
    ["2024-05-01T10:00:00.123456789Z", 1714557600_123456789n],
    ["2024-05-01T11:00:00.000000001+01:00", 1714557600_000000001n],
    ["1714557600.123456789", 1714557600_123456789n],
    ["1714557600.1", 1714557600_100000000n],
    ["2024-05-01T10:00:00,031152316+00:00", 1714557600_031152316n],
  ])("%s to the nanosecond", (text, nanoseconds) => {
    expect(parseInstant(text, "since", now)).toBe(nanoseconds);
  });

  test.each(["yesterday", "2024-13-01", "12:00", ""])("%j is refused", (text) => {
    expect(() => parseTime(text, "since", now)).toThrow(`invalid value for "since": failed to parse value as time or duration: "${text}"`);
  });
});
