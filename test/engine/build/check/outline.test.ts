/** What a Dockerfile answers besides a build: BuildKit's documents, on the files of its own tests of them. */
import { expect, test } from "vitest";
import { outlineOf, targetsOf } from "../../../../engine/build/check/outline.ts";
import { outlineText, targetsText } from "../../../../engine/build/check/outline-text.ts";
import type { Outline } from "../../../../engine/build/index.ts";
import { planBuild, platformArgs } from "../../../../engine/build/plan/index.ts";
import { parseDockerfile } from "../../../../engine/dockerfile/index.ts";
import { hostPlatform } from "../../../../engine/platform.ts";

function outline(text: string, target: string, buildArgs: Record<string, string> = {}): Outline {
  const parsed = parseDockerfile(text, { file: "Dockerfile" });
  const plan = planBuild(parsed, { target, buildArgs, platformArgs: platformArgs(hostPlatform()), contexts: [] });
  return outlineOf(parsed, plan, { target, buildArgs });
}

const rows = ({ args = [] }: Outline) =>
  args.map(({ name, value, description, location }) => [name, value, description, location.ranges[0]!.start.line]);

test("arguments: of the stages that run, and those before them that give a value", () => {
  const text = `
ARG inherited=box
ARG inherited2=box2
ARG unused=abc\${inherited2}
# sfx is a suffix
ARG sfx="usy\${inherited}"

FROM b\${sfx} AS first
# this is not assigned to anything
ARG FOO=123
# BAR is a number
ARG BAR=456
ARG TARGETARCH
RUN true

FROM alpine\${unused} AS second
ARG BAZ

FROM scratch AS third
ARG ABC=a
# check=skip=all
ARG password
# another will show up
# check=skip=all
ARG another

# target defines build target
FROM third AS target
COPY --from=first /etc/passwd /

FROM second
`;
  const found = outline(text, "target", { BAR: "678" });
  expect(rows(found)).toEqual([
    ["inherited", "box", undefined, 2],
    ["sfx", "usybox", "is a suffix", 6],
    ["FOO", "123", undefined, 10],
    ["BAR", "678", "is a number", 12],
    ["ABC", "a", undefined, 20],
    ["password", undefined, undefined, 22],
    ["another", undefined, "will show up", 25],
  ]);
  expect(found).toMatchObject({ name: "target", description: "defines build target", sources: [btoa(text)] });
  expect(outlineText(found)).toMatch(
    /^TARGET: {6}target\nDESCRIPTION: defines build target\n\nBUILD ARG {3}VALUE {4}DESCRIPTION\ninherited {3}box {6}\nsfx {9}usybox {3}is a suffix\n/,
  );
});

test("arguments that are made of each other", () => {
  const text =
    "ARG FOO=123\nARG ABC=abc\nARG DEF=def\nARG FOO=${FOO}${ABC}\nARG BAR=${FOO}456\nARG FOO=${FOO}456${BAR}\nFROM scratch\nARG FOO\nARG INFOO=123\nARG INBAR=${INFOO}456\nARG INFOO=${INFOO}456${INBAR}\n";
  expect(rows(outline(text, "")).map(([name, value]) => [name, value])).toEqual([
    ["ABC", "abc"],
    ["BAR", "123abc456"],
    ["FOO", "123abc456123abc456"],
    ["INBAR", "123456"],
    ["INFOO", "123456123456"],
  ]);
});

test("secrets and agents, by their expanded names", () => {
  const text = `FROM busybox AS first
RUN --mount=type=secret,target=/etc/passwd,required=true --mount=type=ssh true
FROM alpine AS second
RUN --mount=type=secret,id=unused --mount=type=ssh,id=ssh2 true
FROM scratch AS third
ARG BAR
RUN --mount=type=secret,id=second\${BAR} true
FROM third AS target
COPY --from=first /foo /
RUN --mount=type=ssh,id=ssh3,required true
FROM second
`;
  const found = outline(text, "target", { BAR: "678" });
  const at = (line: number) => ({ ranges: [{ start: { line }, end: { line } }] });
  expect(found.secrets).toEqual([
    { name: "passwd", required: true, location: at(2) },
    { name: "second678", location: at(7) },
  ]);
  expect(found.ssh).toEqual([
    { name: "default", location: at(2) },
    { name: "ssh3", required: true, location: at(10) },
  ]);
  expect(outlineText(found)).toContain(
    "SECRET      REQUIRED\npasswd      true\nsecond678   \n\nSSH       REQUIRED\ndefault   \nssh3      true\n\n",
  );
});

test("what no build expands is no outline", () => {
  expect(() => outline("FROM scratch\nARG A=${B:?missing}\n", "")).toThrow("missing");
});

test("targets", () => {
  const text =
    "# build defines a stage\nFROM alpine AS build\nRUN true\nFROM --platform=linux/arm64 busybox\n\n# binary returns it\nFROM second AS binary\n";
  const list = targetsOf(parseDockerfile(text, { file: "Dockerfile" }));
  expect(list.targets).toMatchObject([
    { name: "build", base: "alpine", description: "defines a stage", location: { ranges: [{ start: { line: 2 } }] } },
    { base: "busybox", platform: "linux/arm64", location: { ranges: [{ start: { line: 4 } }] } },
    { name: "binary", base: "second", default: true, description: "returns it", location: { ranges: [{ start: { line: 7 } }] } },
  ]);
  expect(list.targets[1]).not.toHaveProperty("name");
  expect(targetsText(list)).toBe(
    "TARGET           DESCRIPTION\nbuild            defines a stage\n                 \nbinary (default) returns it\n",
  );
  expect(targetsText(targetsOf(parseDockerfile("FROM scratch\n", { file: "" })))).toBe("TARGET    DESCRIPTION\n(default) \n");
});
