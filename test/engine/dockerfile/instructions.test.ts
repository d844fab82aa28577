/** The instruction table is complete, and each entry's own words hold. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { instructions, keywords, parseDockerfile } from "../../../engine/dockerfile/index.ts";
import type { InstructionSpec } from "../../../engine/dockerfile/instructions/instruction.ts";

const entries = Object.entries(instructions) as unknown as [string, InstructionSpec][];

describe("the instruction table", () => {
  it("has the eighteen instructions of the Dockerfile reference", () => {
    const reference =
      "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR";
    expect([...keywords].sort()).toEqual(reference.split(" "));
  });

  it("has an entry for each file of an instruction", () => {
    const shared = ["command-form", "duration", "instruction", "memory", "mount", "pairs", "table", "transfer"];
    const files = readdirSync(new URL("../../../engine/dockerfile/instructions", import.meta.url)).map((file) => file.replace(/\.ts$/, ""));
    expect(files.filter((file) => !shared.includes(file)).sort()).toEqual(Object.keys(instructions).sort());
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

  it.each(entries.filter(([, spec]) => !spec.ignoresFlags))("%s refuses a flag that it does not know", (_, spec) => {
    const arguments_ = { HEALTHCHECK: "CMD true", SHELL: '["sh"]', ONBUILD: "RUN true", ENV: "a=b", LABEL: "a=b" }[spec.keyword] ?? "a b";
    const source = `${spec.kind === "from" ? "" : "FROM scratch\n"}${spec.keyword} --nonsense=1 ${arguments_}\n`;
    expect(() => parseDockerfile(source, { file: "Dockerfile" })).toThrow("unknown flag: --nonsense");
  });
});
