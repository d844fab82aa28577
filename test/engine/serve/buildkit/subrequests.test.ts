/** What clients ask of a Dockerfile instead of a build, as BuildKit's frontend answers it. */
import { expect, test } from "vitest";
import type { Builder } from "../../../../engine/build/index.ts";
import { EngineError } from "../../../../engine/errors.ts";
import { answerSubrequest } from "../../../../engine/serve/buildkit/subrequests.ts";

type Checked = Awaited<ReturnType<Builder["check"]>>;

const at = (line: number, end = line) => ({ ranges: [{ start: { line }, end: { line: end } }] });
const text = "FROM a as b\nRUN <<E\nE\nRUN sudo\nX\nlast";
const checked: Checked = {
  ...{ findings: [], source: text, file: "Dockerfile" },
  document: {
    warnings: [
      { ruleName: "FromAsCasing", url: "https://x", detail: "no match", location: at(1) },
      { ruleName: "berth/NoSudo", detail: "berth's own", location: at(4) },
      { ruleName: "Other", detail: "of two lines", location: at(2, 3) },
    ],
    sources: [{ filename: "Dockerfile", language: "Dockerfile", data: btoa(text) }],
  },
};

async function ask(id: string, answers: Partial<Builder>): Promise<Record<string, string>> {
  const found = await answerSubrequest(answers as Builder, id, { context: "" });
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, value.toString()]));
}
const lint = (more: Partial<Checked> = {}) => ask("frontend.lint", { check: async () => ({ ...checked, ...more }) });

test("what lint found, without berth's own rules, with excerpts as BuildKit prints them", async () => {
  const answer = await lint();
  expect(answer).toMatchObject({ version: "1.0.0", "result.statuscode": "1" });
  expect(JSON.parse(answer["result.json"] ?? "")).toEqual({
    warnings: [checked.document.warnings[0], checked.document.warnings[2]],
    sources: checked.document.sources,
  });
  const rule = "-".repeat(20);
  expect(answer["result.txt"]).toBe(
    [
      `\nWARNING: FromAsCasing - https://x\nno match\nDockerfile:1\n${rule}`,
      `   1 | >>> FROM a as b\n   2 |     RUN <<E\n   3 |     E\n${rule}`,
      `\nWARNING: Other\nof two lines\nDockerfile:2\n${rule}`,
      `   1 |     FROM a as b\n   2 | >>> RUN <<E\n   3 | >>> E\n   4 |     RUN sudo\n${rule}\n`,
    ].join("\n"),
  );
});

test("a fault, in the words that clients know; nothing at all", async () => {
  const error = new EngineError("dockerfile", 'unknown instruction "X"', { location: { file: "Dockerfile", line: 5, column: 1 } });
  const buildError = { message: error.message, location: at(5) };
  const empty = { ...checked.document, warnings: [] };
  const bad = await lint({ error, document: { ...empty, buildError } });
  expect(bad["result.statuscode"]).toBe("1");
  expect(JSON.parse(bad["result.json"] ?? "")).toMatchObject({
    warnings: [],
    buildError: { message: 'dockerfile parse error on line 5: unknown instruction "X"', location: at(5) },
  });
  expect(await lint({ document: empty })).toMatchObject({ "result.statuscode": "0", "result.txt": "" });
});

test("outline and targets are the engine's", async () => {
  const document = { targets: [], sources: [] };
  const answer = await ask("frontend.targets", { targets: async () => ({ document, text: "TARGET" }) });
  expect(answer).toEqual({ "result.json": JSON.stringify(document, undefined, 2), "result.txt": "TARGET", version: "1.0.0" });
  const outline = await ask("frontend.outline", { outline: async () => ({ document: { sources: ["x"] }, text: "" }) });
  expect(JSON.parse(outline["result.json"] ?? "")).toEqual({ sources: ["x"] });
});
