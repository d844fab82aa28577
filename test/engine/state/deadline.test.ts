/** Times of the clock, near, past and farther than a timer can be set. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { atTime } from "../../../engine/state/deadline.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

test.each([
  ["past", -5],
  ["now", 0],
  ["in a second", 1],
  ["in a hundred days", 100 * 86_400],
])("%s", (_, seconds) => {
  const act = vi.fn();
  using _deadline = atTime(1000 + seconds, act);
  expect(act).not.toHaveBeenCalled(); // the caller has what it needs first
  vi.advanceTimersByTime(Math.max(1, seconds * 1000 - 1));
  expect(act).toHaveBeenCalledTimes(seconds > 0 ? 0 : 1);
  vi.advanceTimersByTime(3_600_000);
  expect(act).toHaveBeenCalledTimes(1);
});

test("a clock that is set ahead is noticed, and what is given up never comes", () => {
  const act = vi.fn();
  {
    using _ = atTime(1000 + 5 * 86_400, act);
    vi.setSystemTime(Date.now() + 6 * 86_400_000);
    vi.advanceTimersByTime(3_600_000);
    expect(act).toHaveBeenCalledTimes(1);
  }
  {
    using _ = atTime(Date.now() / 1000 + 1, act);
  }
  vi.advanceTimersByTime(10_000);
  expect(act).toHaveBeenCalledTimes(1);
});
