/** What was thrown becomes an error with a code. */
import { expect, test } from "vitest";
import { toEngineError } from "../../engine/errors.ts";

test("what an aborted signal throws is cancelled, whoever aborted it", async () => {
  const timed = AbortSignal.timeout(1);
  await new Promise((resolve) => timed.addEventListener("abort", resolve));
  for (const signal of [AbortSignal.abort(), timed]) expect(toEngineError(signal.reason)).toMatchObject({ code: "cancelled", exit: 130 });
  expect(toEngineError(new Error("x"))).toMatchObject({ code: "internal" });
});
