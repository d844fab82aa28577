/** A UI that nobody uses: when it gives memory back. */
import { afterEach, expect, test, vi } from "vitest";
import { Resting } from "../../views/resting.ts";

afterEach(() => void vi.useRealTimers());

test("not before there was no key for a while, then again and again", () => {
  vi.useFakeTimers();
  const rest = vi.fn();
  const resting = new Resting(rest);
  resting.stir();
  vi.advanceTimersByTime(4000);
  resting.stir();
  vi.advanceTimersByTime(4000);
  expect(rest).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  expect(rest).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(600_000);
  expect(rest).toHaveBeenCalledTimes(3);
  resting.dispose();
  vi.advanceTimersByTime(600_000);
  expect(rest).toHaveBeenCalledTimes(3);
});
