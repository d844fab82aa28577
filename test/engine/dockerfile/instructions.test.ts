/** The instruction table is complete, and each entry's own words hold. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { steps } from "../../../engine/build/steps/table.ts";
import { instructions, keywords, parseDockerfile } from "../../../engine/dockerfile/index.ts";
import type { InstructionSpec } from "../../../engine/dockerfile/instructions/instruction.ts";
import { sourceFiles } from "../../support/source-tree.ts";

const entries = Object.entries(instructions) as unknown as [string, InstructionSpec][];

/** Names of the files in a folder below engine/ that export a record made by a function of this name. */
function recordsIn(folder: string, make: string): string[] {
  const directory = new URL(`../../../engine/${folder}/`, import.meta.url);
  const isRecord = (file: string) => new RegExp(`^export default ${make}\\b`, "m").test(readFileSync(new URL(file, directory), "utf8"));
  return readdirSync(directory)
    .filter(isRecord)
    .map((file) => file.replace(/\.ts$/, ""));
}

describe("the instruction table", () => {
  it("has the eighteen instructions of the Dockerfile reference", () => {
    const reference =
      "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR";
    expect([...keywords].sort()).toEqual(reference.split(" "));
  });

  it("has the record of each file of an instruction, and the builder's table that of each step", () => {
    expect(Object.keys(instructions).sort()).toEqual(recordsIn("dockerfile/instructions", "instruction").sort());
    expect(Object.keys(steps).sort()).toEqual(recordsIn("build/steps", "step").sort());
    for (const [kind, step] of Object.entries(steps)) expect(step.kind).toBe(kind);
  });

  it.each(entries.filter(([kind]) => kind !== "from"))("%s does something: to the image's configuration, or as a step", (kind, spec) => {
    expect(spec.configure !== undefined || kind in steps).toBe(true);
    expect(spec.history === undefined).toBe(spec.configure === undefined);
    if (spec.change) expect(spec.configure).toBeDefined();
  });

  it("is the only place that tells instructions apart by their keywords", () => {
    // Beside the grammar of a Dockerfile, and rules and features that are about one instruction.
    const about = /\/(instructions|steps|lint\/rules|lint\/analysis|parse|check|entitlements|pinned|epoch|facts|context-paths)\b/;
    const kinds = Object.keys(instructions).join("|");
    const told = sourceFiles("engine/dockerfile", "engine/build").filter(
      ({ path, code }) => !about.test(path) && new RegExp(`kind === "(${kinds})"|case "(${kinds})"`).test(code),
    );
    expect(told.map(({ path }) => path)).toEqual([]);
  });

  it.each(entries)("%s says what it is, how it is written and what it expands", (kind, spec) => {
    expect(spec.kind).toBe(kind);
    expect(spec.keyword).toBe(kind.toUpperCase());
    expect(spec.summary).toMatch(/^[a-z].*[^.]$/);
    expect(spec.usage.length).toBeGreaterThan(0);
    for (const usage of [...spec.usage, spec.example]) expect(usage.startsWith(spec.keyword)).toBe(true);
    expect(spec.url).toMatch(new RegExp(`^https://docs\\.docker\\.com/reference/dockerfile/#${kind}`));
    expect(spec.expands).not.toBe("");
    expect(spec.expand === undefined).toBe(spec.expands.startsWith("nothing"));
    for (const flag of spec.flags) {
      expect(flag.summary).not.toBe("");
      if (flag.type !== "switch") expect(flag.value).toBeTruthy();
    }
  });

  it.each(entries)("the example of %s parses", (kind, spec) => {
    const { stages } = parseDockerfile(kind === "from" ? spec.example : `FROM scratch\n${spec.example}\n`, { file: "Dockerfile" });
    const [stage] = stages;
    expect([stage!.from, ...stage!.instructions].at(-1)).toMatchObject({ kind, original: spec.example });
  });

  // BuildKit does not look at their flags.
  const flagless = ["arg", "stopsignal"];

  it.each(entries.filter(([kind]) => !flagless.includes(kind)))("%s refuses a flag that it does not know", (_, spec) => {
    const arguments_ = { HEALTHCHECK: "CMD true", SHELL: '["sh"]', ONBUILD: "RUN true", ENV: "a=b", LABEL: "a=b" }[spec.keyword] ?? "a b";
    const source = `${spec.kind === "from" ? "" : "FROM scratch\n"}${spec.keyword} --nonsense=1 ${arguments_}\n`;
    expect(() => parseDockerfile(source, { file: "Dockerfile" })).toThrow("unknown flag: --nonsense");
  });
});
