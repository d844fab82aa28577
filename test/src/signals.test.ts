import { afterEach, beforeEach, expect, test } from "vitest";
import { Signals } from "../../src/signals.ts";

let signals: Signals;

beforeEach(() => {
  signals = new Signals();
});
afterEach(() => signals.dispose());

test("the first signal cancels the command, and its number is the status", () => {
  expect(signals.status).toBeUndefined();
  process.emit("SIGTERM", "SIGTERM");
  expect(signals.signal.aborted).toBe(true);
  expect(signals.status).toBe(143);
});

test("a listener gets the signals instead, until it leaves", () => {
  const heard: string[] = [];
  const leave = signals.onSignal((signal) => heard.push(signal));
  process.emit("SIGINT", "SIGINT");
  process.emit("SIGUSR1", "SIGUSR1");
  expect(heard).toEqual(["SIGINT", "SIGUSR1"]);
  expect(signals.signal.aborted).toBe(false);
  leave();
  process.emit("SIGINT", "SIGINT");
  expect(heard).toHaveLength(2);
  expect(signals.status).toBe(130);
});

test("a process that ignores what it is sent is cancelled all the same", () => {
  const heard: string[] = [];
  signals.onSignal((signal) => heard.push(signal));
  process.emit("SIGINT", "SIGINT");
  process.emit("SIGINT", "SIGINT");
  expect(signals.signal.aborted).toBe(false);
  process.emit("SIGINT", "SIGINT");
  expect(heard).toHaveLength(3);
  expect(signals.signal.aborted).toBe(true);
});

test("only an insistent user is heard: SIGINT and SIGTERM in a row; SIGHUP is passed on however often", () => {
  const heard: string[] = [];
  signals.onSignal((signal) => heard.push(signal));
  for (let count = 0; count < 5; count++) process.emit("SIGHUP", "SIGHUP");
  process.emit("SIGINT", "SIGINT");
  process.emit("SIGTERM", "SIGTERM");
  process.emit("SIGHUP", "SIGHUP");
  process.emit("SIGINT", "SIGINT");
  process.emit("SIGTERM", "SIGTERM");
  expect(heard).toHaveLength(10);
  expect(signals.signal.aborted).toBe(false);
  process.emit("SIGTERM", "SIGTERM");
  expect(signals.signal.aborted).toBe(true);
});

test("a session gets a fresh signal for its next line", () => {
  const before = signals.signal;
  expect(signals.reset()).toBe(before);
  signals.interrupt();
  expect(before.aborted).toBe(true);
  expect(signals.reset().aborted).toBe(false);
  expect(signals.status).toBeUndefined();
});

test("nothing stays installed", () => {
  const count = process.listenerCount("SIGINT");
  const other = new Signals();
  expect(process.listenerCount("SIGINT")).toBe(count + 1);
  other.dispose();
  expect(process.listenerCount("SIGINT")).toBe(count);
});
