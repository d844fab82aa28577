/** Lint: the table is complete, its examples do what they say, and a folder per case for the rest. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseDockerignore } from "../../../engine/dockerfile/dockerignore.ts";
import { parseDockerfile } from "../../../engine/dockerfile/index.ts";
import { type BaseImage, checkDockerfile, lint, parseCheckConfig, rules } from "../../../engine/dockerfile/lint/index.ts";
import { lintCase } from "./lint-case.ts";

const folder = new URL("../../testdata/dockerfile/lint", import.meta.url).pathname;

describe("the rule table", () => {
  it("has BuildKit's rules by their names", () => {
    const names =
      "ConsistentInstructionCasing CopyIgnoredFile DuplicateStageName ExposeInvalidFormat ExposeProtoCasing FromAsCasing FromPlatformFlagConstDisallowed InvalidBaseImagePlatform InvalidDefaultArgInFrom InvalidDefinitionDescription JSONArgsRecommended LegacyKeyValueFormat MaintainerDeprecated MultipleInstructionsDisallowed NoEmptyContinuation RedundantTargetPlatform ReservedStageName SecretsUsedInArgOrEnv StageNameCasing UndefinedArgInFrom UndefinedVar WorkdirRelativePath";
    const found = rules.filter((rule) => rule.origin === "buildkit").map((rule) => rule.name);
    expect(found.sort()).toEqual(names.split(" "));
  });

  it("has a file for each rule and no other", () => {
    const files = readdirSync(new URL("../../../engine/dockerfile/lint/rules", import.meta.url)).map((file) => file.replace(/\.ts$/, ""));
    const slug = (name: string) =>
      name
        .replace(/^berth\//, "")
        .replace(/([a-z])([A-Z])/g, "$1-$2")
        .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
        .toLowerCase();
    expect(files.sort()).toEqual(rules.map((rule) => slug(rule.name)).sort());
  });

  it.each(rules.map((rule) => [rule.name, rule] as const))("%s describes itself", (name, rule) => {
    expect(rule.description).not.toBe("");
    expect(name.startsWith("berth/")).toBe(rule.origin === "berth");
    if (rule.origin === "buildkit") expect(rule.url).toMatch(/^https:\/\/docs\.docker\.com\/go\/dockerfile\/rule\/[a-z-]+\/$/);
  });

  const known: Record<string, BaseImage> = {
    "debian:12": { env: ["PATH=/usr/bin"], platform: "linux/amd64" },
    "registry.example.org/small:1": { env: [], platform: "linux/amd64", labels: { "io.berth.security.memory": "128m" } },
  };
  const context = {
    file: "Dockerfile",
    platform: "linux/amd64",
    base: (image: string) => known[image],
    ignored: (path: string) => parseDockerignore("ignored.txt").matches(path),
  };
  it.each(rules.map((rule) => [rule.name, rule] as const))("%s finds its bad example and lets its good one pass", (name, rule) => {
    const found = (source: string) => checkDockerfile(source, context).findings.filter((finding) => finding.rule === name);
    expect(found(rule.bad)).toHaveLength(1);
    expect(found(rule.good)).toEqual([]);
  });
});

it.each(readdirSync(folder))("%s", (name) => {
  expect(lintCase(join(folder, name))).toEqual(JSON.parse(readFileSync(join(folder, name, "expected.json"), "utf8")));
});

it("has what each case needs", () => {
  for (const name of readdirSync(folder)) expect(existsSync(join(folder, name, "Dockerfile"))).toBe(true);
});

describe("findings", () => {
  const source = "FROM scratch as a\nMAINTAINER me\nCOPY x \\\n  y /z\nENV a b\n";

  it("carry rule, message, place and page, in the order of lines", () => {
    const { findings } = lint(parseDockerfile(source, { file: "sub/Dockerfile" }));
    expect(findings.map(({ rule, line }) => [rule, line])).toEqual([
      ["FromAsCasing", 1],
      ["MaintainerDeprecated", 2],
      ["LegacyKeyValueFormat", 5],
    ]);
    expect(findings[0]).toEqual({
      rule: "FromAsCasing",
      severity: "warning",
      message: "'as' and 'FROM' keywords' casing do not match",
      description: "The 'as' keyword should match the case of the 'from' keyword",
      url: "https://docs.docker.com/go/dockerfile/rule/from-as-casing/",
      file: "sub/Dockerfile",
      line: 1,
      column: 1,
    });
  });

  it("are berth's own only where they are asked for", () => {
    const sudo = "FROM debian:12\nRUN sudo true\n";
    expect(lint(parseDockerfile(sudo, { file: "Dockerfile" })).findings).toEqual([]);
    expect(checkDockerfile(sudo, { file: "Dockerfile" }).findings.map(({ rule }) => rule)).toEqual(["berth/NoSudo"]);
    expect(checkDockerfile(sudo, { file: "Dockerfile", berth: false }).findings).toEqual([]);
  });

  it("are limited to the stages of a build", () => {
    const file = parseDockerfile("FROM scratch AS A\nCMD one\nFROM scratch\nCMD two\n", { file: "Dockerfile" });
    const found = lint(file, { stages: new Set([1]) }).findings;
    // Names of stages are looked at before anybody knows which of them a build needs.
    expect(found.map(({ rule, line }) => [rule, line])).toEqual([
      ["StageNameCasing", 1],
      ["JSONArgsRecommended", 4],
    ]);
  });

  it("are silenced by a comment right above an instruction, for that one", () => {
    const found = (text: string) => lint(parseDockerfile(text, { file: "Dockerfile" })).findings.map(({ rule, line }) => [rule, line]);
    const cmd = "CMD echo\n";
    expect(found(`FROM scratch\n# check=skip=JSONArgsRecommended // a shell is wanted\n${cmd}`)).toEqual([]);
    expect(found(`FROM scratch\n# words\n# check=skip=all is local\n${cmd}ENTRYPOINT x\n`)).toEqual([["JSONArgsRecommended", 4 + 1]]);
    for (const other of ["# check=skip=Other", "# check=skip JSONArgsRecommended", "# check skip=all", "# check=skip=all\n"])
      expect(found(`FROM scratch\n${other}\n${cmd}`), other).toMatchObject([["JSONArgsRecommended", expect.any(Number)]]);
    expect(found("# a\n# check=skip=StageNameCasing\nFROM scratch AS A\n")).toEqual([]);
    expect(found("ARG a\n# check=experimental=InvalidDefinitionDescription\n# words\nARG b=c\nFROM scratch\n")).toEqual([
      ["InvalidDefinitionDescription", 4],
    ]);
    // What is about several instructions has no place of its own.
    expect(found("FROM scratch\n# check=skip=all\ncopy a /\nADD b /\nADD c /\n")).toEqual([["ConsistentInstructionCasing", 3]]);
  });

  it("go as far as the file parses, and bring the error", () => {
    const { findings, error } = checkDockerfile("FROM scratch AS A\nMAINTAINER me\nBADCMD\n", { file: "Dockerfile" });
    expect(findings.map(({ rule }) => rule)).toEqual(["StageNameCasing", "MaintainerDeprecated"]);
    expect(error).toMatchObject({ message: 'unknown instruction "BADCMD"', location: { line: 3 } });
  });

  it("bring what only expansion rejects", () => {
    const { error } = checkDockerfile("FROM scratch\nARG P=99999\nEXPOSE $P\n", { file: "Dockerfile" });
    expect(error).toMatchObject({ message: "invalid containerPort: 99999", location: { line: 3 } });
  });

  it("fail the build with error=true", () => {
    const { findings, violation } = lint(parseDockerfile("# check=error=true\nFROM scratch as a\nMAINTAINER me\n", { file: "Dockerfile" }));
    expect(findings.map(({ severity }) => severity)).toEqual(["error", "error"]);
    expect(violation).toMatchObject({
      message: "lint violation found for rules: FromAsCasing, MaintainerDeprecated",
      location: { line: 2 },
    });
    expect(lint(parseDockerfile("# check=error=true\nFROM scratch\n", { file: "Dockerfile" })).violation).toBeUndefined();
  });

  it("obey options that the caller gives instead of the file's", () => {
    const file = parseDockerfile("# check=skip=all\nFROM scratch as a\n", { file: "Dockerfile" });
    expect(lint(file).findings).toEqual([]);
    expect(lint(file, { check: "error=true" }).violation).toBeDefined();
  });
});

describe("# check=", () => {
  it("reads its options", () => {
    expect(parseCheckConfig("skip=A,B;error=true;experimental=C")).toEqual({
      skipAll: false,
      skip: new Set(["A", "B"]),
      experimentalAll: false,
      experimental: new Set(["C"]),
      error: true,
    });
    expect(parseCheckConfig("skip=all;experimental=all")).toMatchObject({ skipAll: true, experimentalAll: true, error: false });
    expect(parseCheckConfig("")).toMatchObject({ skipAll: false, error: false });
  });

  it.each([
    ["skip", 'invalid check option "skip"'],
    ["skipp=A", 'invalid check option "skipp"'],
    ["error=maybe", 'failed to parse check option "error=maybe"'],
  ])("rejects %j at the directive", (value, message) => {
    const file = parseDockerfile(`# check=${value}\nFROM scratch\n`, { file: "Dockerfile" });
    expect(() => lint(file)).toThrow(message);
    expect(() => lint(file)).toThrow(
      expect.objectContaining({ code: "dockerfile", location: expect.objectContaining({ line: 1, column: 1 }) }),
    );
  });
});
