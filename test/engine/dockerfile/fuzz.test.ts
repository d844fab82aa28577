/** Noise: whatever the text, the language answers with a result or with one located error of its own, and soon. */
import { describe, expect, it } from "vitest";
import { parseDockerignore } from "../../../engine/dockerfile/dockerignore.ts";
import { expand } from "../../../engine/dockerfile/expand.ts";
import { expandInstruction, keywords, parseDockerfile } from "../../../engine/dockerfile/index.ts";
import { checkDockerfile } from "../../../engine/dockerfile/lint/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import fc from "../../support/property.ts";

/** Fragments that reach deeper than random characters do. */
const fragment = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...keywords, ...keywords.map((keyword) => keyword.toLowerCase())) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ..." |\n|\n\n|\\\n|\\|`|\t|\r\n|#|# escape=`\n|# check=skip=all\n|# berth:max-size=1MB\n|FROM scratch\n|<<EOF|<<-'E'|EOF\n|[|]|\"|'|,|=|--|--mount=type=cache,target=/x|--from=|$|${|}|:-|%%*|//|a|AS|CMD|NONE|8080/tcp|\0|\uFEFF|é|\u{1F600}|\uD800".split(
        "|",
      ),
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
);
const text = fc.array(fragment, { maxLength: 40 }).map((fragments) => fragments.join(""));

/** Runs; anything but a located error of the language is a bug. */
function survives(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    expect(error.code).toBe("dockerfile");
    const { location } = error;
    expect(location).toBeDefined();
    expect(location!.line).toBeGreaterThanOrEqual(1);
    expect(location!.column).toBeGreaterThanOrEqual(1);
    expect(location!.source).toBeTypeOf("string");
  }
}

describe("the language under noise", () => {
  it("parses or fails with a located error", () => {
    fc.assert(
      fc.property(text, (source) => survives(() => parseDockerfile(source, { file: "Dockerfile" }))),
      { numRuns: 3000 },
    );
  });

  it("places errors inside the source", () => {
    fc.assert(
      fc.property(text, (source) => {
        try {
          parseDockerfile(source, { file: "Dockerfile" });
        } catch (error) {
          const { line, endLine = line } = (error as EngineError).location!;
          expect(endLine).toBeLessThanOrEqual(Math.max(1, source.split("\n").length));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("expands and checks what it parsed", () => {
    const variables = new Map([["a", "x y"]]);
    fc.assert(
      fc.property(text, (source) => {
        survives(() => {
          const { stages, directives } = parseDockerfile(`FROM scratch\n${source}`, { file: "Dockerfile" });
          for (const instruction of stages.flatMap((stage) => [stage.from, ...stage.instructions]))
            expandInstruction(instruction, variables, directives);
        });
        survives(() => checkDockerfile(source, { file: "Dockerfile" }));
      }),
      { numRuns: 1500 },
    );
  });

  it("expands any text, or says why not", () => {
    fc.assert(
      fc.property(text, (word) => {
        try {
          expand(word, new Map([["a", "value"]]));
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("matches any path against any .dockerignore", () => {
    const pattern = fc
      .array(fc.constantFrom("*", "**", "/", "a", "b", "!", "?", "[", "]", "\\", ".", "^", "-", "\n", "#", "é"), { maxLength: 20 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(pattern, fc.array(fc.constantFrom("a", "b", ".", "é")), (rules, parts) =>
        survives(() => parseDockerignore(rules).ignores(parts.join("/"))),
      ),
      { numRuns: 2000 },
    );
  });
});

// What grows with the square of its input ends at the test's own limit, a minute.
describe("a megabyte of noise", () => {
  const million = (unit: string) => unit.repeat(Math.ceil(1_000_000 / unit.length));
  const cases: Record<string, string> = {
    "short lines": `FROM scratch\n${million("RUN a\n")}`,
    "one continued instruction": `FROM scratch\nRUN a ${million("\\\n b")}`,
    "blank continuations": `FROM scratch\nRUN a \\\n${million("\n")}b`,
    comments: million("# a comment\n"),
    "pairs of one ENV": `FROM scratch\nENV ${million("a=b \\\n")}`,
    "flags of one COPY": `FROM scratch\nCOPY ${million("--exclude=x \\\n")} a b`,
    quotes: `FROM scratch\nLABEL ${million("'\"\\\n")}`,
    "heredocs of one RUN": `FROM scratch\nRUN ${"<<E ".repeat(10_000)}\n${"E\n".repeat(10_000)}`,
    "an unterminated heredoc": `FROM scratch\nRUN <<EOF\n${million("x\n")}`,
    dollars: `FROM scratch\nRUN <<EOF ${million("${x:-\\\n")}`,
    brackets: `FROM scratch\nCMD ${million("[\\\n")}`,
    stages: million("FROM scratch AS a\n"),
    "unknown words": million("xyzzy "),
  };
  it.each(Object.entries(cases))("%s", (_, source) => {
    survives(() => parseDockerfile(source, { file: "Dockerfile" }));
  });

  const lines = (count: number, line: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => `${line(index)}\n`).join("");
  const linted: Record<string, string> = {
    "one instruction": `FROM scratch\n${million("CMD a\n")}`,
    "definitions and undefined names": `FROM scratch\n${lines(20_000, (index) => `ENV a${index}=1`)}${lines(20_000, (index) => `USER $b${index}`)}`,
    "stages that begin from one another": lines(
      15_000,
      (index) => `FROM ${index === 0 ? "scratch" : `s${index - 1}`} AS s${index}\nENV v${index}=1`,
    ),
    "a script": `FROM scratch\nRUN <<EOF\n${million("a $(b 'c' \"d\n")}\nEOF\n`,
    "blanks where patterns look for ends": `# syntax=x${" ".repeat(60_000)}x\n# berth:max-size=1${" ".repeat(60_000)}x\nFROM scratch\n`,
    "a heredoc word of blanks": `FROM scratch\nRUN << ${`${" ".repeat(20_000)}\\\n`.repeat(50)} <<E\nE\n`,
  };
  it.each(Object.entries(linted))("linted: %s", (_, source) => {
    survives(() => checkDockerfile(source, { file: "Dockerfile" }));
  });

  it("nested substitutions and patterns of many stars", () => {
    expect(() => expand("${a:-".repeat(100_000), new Map())).toThrow(EngineError);
    expand(`\${a##${"*a".repeat(50)}b}`, new Map([["a", "a".repeat(5000)]]));
    expand(`\${a//${"?*".repeat(10)}b/x}`, new Map([["a", "a".repeat(500)]]));
  });

  it("patterns of .dockerignore that would make a regular expression backtrack", () => {
    const matcher = parseDockerignore(`x${"**/a".repeat(12)}**/b*c\n${"*a".repeat(30)}b\n${"**/*".repeat(10)}z`);
    expect(matcher.ignores(`x/${"a/".repeat(300)}c`)).toBe(false);
    expect(matcher.ignores("a".repeat(4000))).toBe(false);
  });
});
