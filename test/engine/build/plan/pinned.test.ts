import { describe, expect, test } from "vitest";
import { planBuild, refuseUnpinned, refuseUnpinnedPlan } from "../../../../engine/build/plan/index.ts";
import { parseDockerfile } from "../../../../engine/dockerfile/index.ts";
import { EngineError } from "../../../../engine/errors.ts";

const digest = `sha256:${"a".repeat(64)}`;
const commit = "0123456789abcdef0123456789abcdef01234567";

/** "LINE: message" of what is refused before anything runs; undefined when nothing is. */
function refused(lines: string[], contexts: Record<string, string> = {}, target?: string): string | undefined {
  const parsed = parseDockerfile(lines.join("\n"), { file: "Dockerfile" });
  const plan = planBuild(parsed, { buildArgs: {}, platformArgs: {}, contexts: Object.keys(contexts), ...(target && { target }) });
  try {
    refuseUnpinnedPlan(plan, contexts);
    return undefined;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return `${error.location?.line}: ${error.message}`;
  }
}

describe("berth:pinned refuses", () => {
  test.each([
    [["FROM debian:12"], '1: berth:pinned: image "debian:12" is not named by its digest'],
    [["ARG BASE=debian", "FROM $BASE"], '2: berth:pinned: image "debian" is not named by its digest'],
    [["FROM scratch", "COPY --from=busybox:1 /a /"], '2: berth:pinned: image "busybox:1" is not named by its digest'],
    [["FROM scratch", "RUN --mount=from=busybox,target=/b true"], '2: berth:pinned: image "busybox" is not named by its digest'],
    [["FROM scratch", "ADD https://example.org/a.tar /"], '2: berth:pinned: "https://example.org/a.tar" is fetched without a checksum'],
    [["FROM scratch", "ADD https://example.org/a.git#main /"], '2: berth:pinned: "https://example.org/a.git#main" is fetched by no commit'],
    [["FROM scratch", "ADD a git@example.org:a.git /"], '2: berth:pinned: "git@example.org:a.git" is fetched by no commit'],
    [
      ["FROM scratch", "ADD --checksum=0123456 https://example.org/a.git /"],
      '2: berth:pinned: "https://example.org/a.git" is fetched by no commit',
    ],
  ])("%j", (lines, message) => {
    expect(refused(lines)).toBe(message);
  });

  test("an image in the place of a named context", () => {
    const lines = ["FROM base"];
    expect(refused(lines, { base: "docker-image://debian:12" })).toContain('image "debian:12"');
    expect(refused(lines, { base: `docker-image://debian@${digest}` })).toBeUndefined();
    expect(refused(lines, { base: "./directory" })).toBeUndefined();
  });
});

test("what is named by its content passes, and so does what the target does not need", () => {
  const pinned = [
    `FROM debian:12@${digest} AS build`,
    `COPY --from=busybox@${digest} /a /`,
    `ADD --checksum=${digest} https://example.org/a.tar /`,
    `ADD https://example.org/a.git#${commit}:sub /`,
    `ADD --checksum=${commit} https://example.org/a.git /`,
    "FROM build",
    "COPY --from=build /a /",
    "COPY --from=0 /a /",
    "FROM scratch AS last",
    "ADD local /",
  ];
  expect(refused(pinned)).toBeUndefined();
  expect(refused(["FROM debian AS other", "FROM scratch AS mine"], {}, "mine")).toBeUndefined();
});

test("what variables say is judged when they are known", () => {
  const lines = ["FROM scratch", "ADD --checksum=$SUM $URL /"];
  expect(refused(lines)).toBeUndefined();
  const parsed = parseDockerfile(`FROM scratch\nADD https://example.org/a /\n`, { file: "Dockerfile" });
  const plan = planBuild(parsed, { buildArgs: {}, platformArgs: {}, contexts: [] });
  expect(() => refuseUnpinned(plan, plan.target.stage.instructions[0]!, 0, {})).toThrow("without a checksum");
});
