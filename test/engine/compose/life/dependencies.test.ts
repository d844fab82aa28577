import { expect, test } from "vitest";
import { outcome } from "../../../../engine/compose/life/dependencies.ts";
import type { ContainerInspect } from "../../../../engine/index.ts";

type Look = Pick<ContainerInspect, "State" | "Config">;

function container(Status: ContainerInspect["State"]["Status"], ExitCode = 0, health?: "starting" | "healthy" | "unhealthy"): Look {
  return {
    State: { Status, ExitCode, Running: Status === "running", ...(health && { Health: { Status: health } }) },
    Config: health ? { Healthcheck: { Test: ["CMD", "true"] } } : {},
  } as Look;
}
const holds = { holds: true };

test.each<[Parameters<typeof outcome>[0], string, Look, unknown]>([
  ["service_started", "runs", container("running"), holds],
  ["service_started", "not yet", container("created"), undefined],
  ["service_healthy", "starting", container("running", 0, "starting"), undefined],
  ["service_healthy", "healthy", container("running", 0, "healthy"), holds],
  ["service_healthy", "unhealthy", container("running", 0, "unhealthy"), { fails: "is unhealthy" }],
  ["service_healthy", "has no check", container("running"), { fails: "has no healthcheck configured" }],
  ["service_healthy", "ended", container("exited", 1, "starting"), { fails: "exited (1)" }],
  ["service_completed_successfully", "runs", container("running"), undefined],
  ["service_completed_successfully", "ended well", container("exited"), holds],
  ["service_completed_successfully", "ended badly", container("exited", 3), { fails: "exited (3)" }],
  ["running_or_healthy", "runs without a check", container("running"), holds],
  ["running_or_healthy", "is not healthy yet", container("running", 0, "starting"), undefined],
  ["running_or_healthy", "a one-shot that did its work", container("exited"), holds],
  ["running_or_healthy", "a one-shot that failed", container("exited", 2), { fails: "exited (2)" }],
])("%s: %s", (condition, _, look, expected) => {
  expect(outcome(condition, look)).toEqual(expected);
});
