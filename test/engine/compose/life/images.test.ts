import { expect, test } from "vitest";
import type { Service } from "../../../../engine/compose/index.ts";
import { type ImageWishes, imageStep } from "../../../../engine/compose/life/images.ts";

const hour = 3_600_000;
const pulled: Service = { image: "nginx" };
const built: Service = { build: { context: "/src" } };
const both: Service = { image: "app:1", build: { context: "/src" } };

test.each<[string, Service, boolean, ImageWishes, number | undefined, ReturnType<typeof imageStep>]>([
  ["is there", pulled, true, {}, 0, "keep"],
  ["is missing", pulled, false, {}, undefined, "pull"],
  ["--pull always", pulled, true, { pull: "always" }, 0, "pull"],
  ["pull_policy: always", { ...pulled, pull_policy: "always" }, true, {}, 0, "pull"],
  ["--pull never, missing", pulled, false, { pull: "never" }, undefined, "missing"],
  ["pull_policy: never, there", { ...pulled, pull_policy: "never" }, true, {}, 0, "keep"],
  ["pull_policy: daily, fresh", { ...pulled, pull_policy: "daily" }, true, {}, 23 * hour, "keep"],
  ["pull_policy: daily, old", { ...pulled, pull_policy: "daily" }, true, {}, 25 * hour, "pull"],
  ["pull_policy: every_2h, old", { ...pulled, pull_policy: "every_2h" }, true, {}, 3 * hour, "pull"],
  ["a build that is missing", built, false, {}, undefined, "build"],
  ["a build that is there", built, true, {}, 0, "keep"],
  ["a build that is there, --build", built, true, { build: "always" }, 0, "build"],
  ["a build that is missing, --no-build", built, false, { build: "never" }, undefined, "pull"],
  [
    "a build that is missing, --no-build, never pulled",
    { ...built, pull_policy: "never" },
    false,
    { build: "never" },
    undefined,
    "missing",
  ],
  ["pull_policy: build", { ...both, pull_policy: "build" }, true, {}, 0, "build"],
  ["pull_policy: build, --no-build", { ...both, pull_policy: "build" }, true, { build: "never" }, 0, "keep"],
  ["an image with a build, missing", both, false, {}, undefined, "build"],
  ["a build without a name is never pulled", built, true, { pull: "always" }, 0, "keep"],
])("%s", (_, service, isThere, wishes, age, step) => {
  expect(imageStep(service, isThere, wishes, age)).toBe(step);
});
