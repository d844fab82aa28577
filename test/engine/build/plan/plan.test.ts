import { describe, expect, test } from "vitest";
import { type PlanOptions, planBuild, resolveFrom } from "../../../../engine/build/plan/plan.ts";
import { parseDockerfile } from "../../../../engine/dockerfile/index.ts";

const options: PlanOptions = { buildArgs: {}, platformArgs: { TARGETARCH: "amd64" }, contexts: [] };

function plan(lines: string[], more: Partial<PlanOptions> = {}) {
  return planBuild(parseDockerfile(`${lines.join("\n")}\n`, { file: "Dockerfile" }), { ...options, ...more });
}

describe("stages", () => {
  test("only what the target needs is reachable", () => {
    const { reachable, target } = plan(["FROM a AS one", "FROM b AS two", "FROM c AS three", "COPY --from=one / /", "FROM d AS four"], {
      target: "three",
    });
    expect(target.stage.name).toBe("three");
    expect(reachable.map((stage) => stage.stage.name)).toEqual(["one", "three"]);
  });

  test("a stage stands on an earlier one, by its name in lower case; --from and --target take any", () => {
    expect(plan(["FROM a AS Base", "FROM base"]).target.base).toEqual({ kind: "stage", index: 0 });
    expect(() => plan(["FROM a AS Base", "FROM Base"])).toThrow(
      'failed to parse stage name "Base": invalid reference format: repository name must be lowercase',
    );
    expect(plan(["FROM a AS Base", "FROM b", "COPY --from=BASE / /"]).target.needs).toEqual([0]);
    expect(plan(["FROM a AS Base", "FROM b"], { target: "BASE" }).target.index).toBe(0);
  });

  test("a FROM sees no later stage: the name is an image", () => {
    expect(plan(["FROM later AS one", "FROM a AS later"]).stages[0]?.base).toEqual({ kind: "image", reference: "later" });
  });

  test("--from takes numbers, names, mounts' sources and images", () => {
    const lines = [
      "FROM a",
      "FROM b AS two",
      "FROM c",
      "COPY --from=0 / /",
      "RUN --mount=type=bind,from=two,target=/x true",
      "COPY --from=nginx:1 / /",
    ];
    const built = plan(lines);
    expect(built.target.needs).toEqual([0, 1]);
    expect(resolveFrom(built, "nginx:1", built.target.stage.from, [], 2)).toEqual({ kind: "image", reference: "nginx:1" });
    expect(resolveFrom(built, "nginx:1", built.target.stage.from, ["nginx:1"], 2)).toEqual({ kind: "context", name: "nginx:1" });
  });

  test("nothing is copied or mounted from a stage further down", () => {
    const later = ["FROM x AS a", "COPY --from=b /f /", "FROM x AS b", "FROM a"];
    expect(() => plan(later)).toThrow('cannot copy from stage "b", it needs to be defined before current stage "a"');
    expect(() => plan(later, { target: "b" })).not.toThrow();
    expect(() => plan(["FROM x", "RUN --mount=from=b,target=/b true", "FROM x AS b", "FROM scratch", "COPY --from=0 / /"])).toThrow(
      'cannot mount from stage "b", it needs to be defined before current stage "stage-0"',
    );
    expect(() => plan(["FROM x AS a", "COPY --from=1 /f /", "FROM a"])).toThrow("circular dependency");
    expect(() => plan(later, { contexts: ["b"] })).not.toThrow();
  });

  test("a named context replaces the stage of its name, also by the stage's number", () => {
    const built = plan(["FROM x AS a", "FROM y", "COPY --from=0 / /"], { contexts: ["a"] });
    expect(built.target.needs).toEqual([]);
  });

  test("predefined arguments are those of the target, and may be given", () => {
    const of = (more: Partial<PlanOptions>) => Object.fromEntries(plan(["FROM x AS one", "FROM y AS two"], more).globalArgs);
    expect(of({})).toMatchObject({ TARGETSTAGE: "two", TARGETARCH: "amd64" });
    expect(of({ target: "one" })).toMatchObject({ TARGETSTAGE: "one" });
    expect(of({ buildArgs: { TARGETARCH: "z80", TARGETSTAGE: "own" } })).toMatchObject({ TARGETSTAGE: "own", TARGETARCH: "z80" });
    expect(Object.fromEntries(plan(["FROM x"]).globalArgs)).toMatchObject({ TARGETSTAGE: "default" });
  });

  test("labels as BuildKit shows them", () => {
    expect(plan(["FROM a"]).target.label).toBe("");
    expect(plan(["FROM a AS x", "FROM b"]).stages.map((stage) => stage.label)).toEqual(["x", "stage-1"]);
  });
});

describe("variables before the first FROM", () => {
  test("defaults, the caller's values and predefined ones", () => {
    const lines = ["ARG TAG=1", "ARG IMAGE=app:$TAG-${TARGETARCH}", "FROM $IMAGE"];
    expect(plan(lines).target.base).toEqual({ kind: "image", reference: "app:1-amd64" });
    expect(plan(lines, { buildArgs: { TAG: "2" } }).target.base).toEqual({ kind: "image", reference: "app:2-amd64" });
  });

  test("a base name that is blank is an error at its line", () => {
    expect(() => plan(["ARG X", "FROM ${X}"])).toThrow(
      expect.objectContaining({ message: "base name (${X}) should not be blank", location: expect.objectContaining({ line: 2 }) }),
    );
  });
});

describe("errors", () => {
  test("an unknown target names the stages there are", () => {
    const hint = "the stages of Dockerfile are: one, two";
    for (const [target, near] of [
      ["elsewhere", ""],
      ["tow", " (did you mean two?)"],
    ])
      expect(() => plan(["FROM a AS one", "FROM b AS two"], { target: target! })).toThrow(
        expect.objectContaining({ message: `target stage "${target}" could not be found${near}`, hint }),
      );
  });

  test("a stage number out of range", () => {
    expect(() => plan(["FROM a", "COPY --from=7 / /"])).toThrow(/invalid stage index 7/);
  });

  test("stages that need each other", () => {
    expect(() => plan(["FROM a AS one", "COPY --from=two / /", "FROM b AS two", "COPY --from=one / /"])).toThrow(
      /circular dependency detected on stage: one/,
    );
  });
});
