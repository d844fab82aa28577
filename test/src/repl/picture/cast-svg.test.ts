/** Casts as pictures: what stands there when, and nothing in it that acts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readCast } from "../../../../src/repl/picture/cast-file.ts";
import { castSvg } from "../../../../src/repl/picture/cast-svg.ts";
import { Program } from "../../../e2e/program.ts";
import fc from "../../../support/property.ts";

const cast = (...events: [number, string][]) => ({ width: 20, height: 3, title: "", events: events.map(([at, text]) => ({ at, text })) });

/** The texts of a picture, in its order. */
const textsIn = (svg: string) => [...svg.matchAll(/<text x="[\d.]+" y="13.5"[^>]*>([^<]*)</g)].map(([, text]) => text);

test("a moment is what stands there then", async () => {
  const film = cast([0, "one\r\n"], [1, "two\r\n"], [2, "\x1b[2J\x1b[Hthree"]);
  expect(textsIn(await castSvg(film, { at: 0 }))).toEqual(["one"]);
  expect(textsIn(await castSvg(film, { at: 1.5 }))).toEqual(["one", "two"]);
  expect(textsIn(await castSvg(film, { at: "end" }))).toEqual(["three"]);
});

test("it plays: a frame for each change, each row once, pauses cut", async () => {
  const film = cast([0, "one\r\n"], [0.01, "and\r\n"], [1, "two"], [101, "\x1b[3;1Htoo"], [102, ""]);
  const svg = await castSvg(film, {});
  expect(textsIn(svg)).toEqual(["one", "and", "two", "too"]);
  expect(svg.match(/<g transform="translate\(\d+ 0\)">/g)).toHaveLength(4);
  expect(svg).toContain("animation:play 6.00s step-end infinite");
  expect(svg).toMatch(/@keyframes play\{0.000%\{transform:translateX\(0px\)\}.*100%\{transform:translateX\(-507px\)\}\}/);
  expect(await castSvg(film, { idle: 0.5 })).toContain("animation:play 4.01s");
  expect(svg).toContain("prefers-reduced-motion:reduce");
});

test("whatever was written is text, and the document is well formed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("<script>", "&", '"', "]]>", "\x1b[31m", "\ud800"))),
      async (texts) => {
        const svg = await castSvg({ ...cast(...texts.map((text, at): [number, string] => [at, text])), title: texts.join("") }, {});
        expect(svg).not.toMatch(/<script|<a |<image|<foreignObject|javascript:|\son\w+=|href="(?!#r\d+")/i);
        expect(svg).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/);
        expect(svg).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/);
        expect(svg.replace(/"[^"<]*"|>[^<]*/g, "").match(/</g)).toHaveLength(svg.match(/<\/?[a-z]/g)!.length);
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  ["", 1, "Unexpected end"],
  ['{"version": 1}', 1, "no asciicast of version 2"],
  ['{"version": 2, "width": 0, "height": 5}', 1, "width and height"],
  ['{"version": 2, "width": 9, "height": 100000}', 1, "width and height"],
  ['{"version": 2, "width": 9, "height": 5}\n[0, "o", "x"]\n[1]', 3, "no event"],
  ['{"version": 2, "width": 9, "height": 5}\n[-1, "o", "x"]', 2, "no event"],
])("%j is refused at line %d", (text, line, why) => {
  expect(() => readCast(text, "x.cast")).toThrow(
    expect.objectContaining({ message: expect.stringMatching(new RegExp(`cannot read line ${line} of "x.cast": .*${why}`)) }),
  );
});

test("input, markers and changes of size are no output", () => {
  const text = '{"version": 2, "width": 9, "height": 5, "title": "t"}\n[0, "i", "x"]\n[1, "o", "y"]\n[2, "m", ""]\n[3, "r", "80x24"]\n';
  expect(readCast(text, "x")).toEqual({ width: 9, height: 5, title: "t", events: [{ at: 1, text: "y" }] });
});

test("the program draws what it recorded", async () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-cast-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await using program = new Program();
  const file = join(folder, "a.cast");
  await program.ok(["repl", "--cast", file, "-c", "print hello; print '<b>'"]);
  expect(await program.ok(["cast-to-svg", file, "a.svg"], { cwd: folder })).toBe("");
  expect(readFileSync(join(folder, "a.svg"), "utf8")).toContain("&lt;b&gt;");
  expect(await program.ok(["cast-to-svg", "--at", "end", file])).toContain("hello");
  writeFileSync(file, "{}");
  expect(await program.run(["cast-to-svg", file])).toMatchObject({ status: 1, stdout: "" });
  expect((await program.run(["cast-to-svg", "--at", "soon", file])).stderr).toContain('invalid argument "soon" for "--at" flag');
});
