/** Templates stay in their words, whatever is in what they stand for. */
import { expect, test } from "vitest";
import { templateWords } from "../../../views/config/template-words.ts";

const words = (line: string, data: object) => templateWords(line).map((word) => word(data));
const hostile = 'a b\'; rm -rf / "$(x)"\n{{.Name}} | y';

test("words are split before templates are filled", () => {
  expect(words("exec -it {{.Name}} sh -c 'echo \"$1\"' sh {{.Label}}", { Name: hostile, Label: "" })).toEqual([
    ...["exec", "-it", hostile, "sh", "-c", 'echo "$1"', "sh", ""],
  ]);
  expect(words("tag {{.Name}}:{{.Tag}} x", { Name: "a b", Tag: "c d" })).toEqual(["tag", "a b:c d", "x"]);
  expect(
    words('print {{index .Labels "my label"}} {{ if eq .State "running" }}up{{ end }}', {
      Labels: { "my label": "x }} y" },
      State: "running",
    }),
  ).toEqual([...["print", "x }} y", "up"]]);
});

test("what stands for a whole word is no flag", () => {
  expect(() => words("run {{.Image}} x", { Image: "--privileged" })).toThrow(
    '"{{.Image}}" gives "--privileged", which would be taken for a flag',
  );
  expect(words("run --label=x={{.Image}}", { Image: "--privileged" })).toEqual(["run", "--label=x=--privileged"]);
});

test.each(["exec {{.Name", "exec {{nonsense .Name}}", "exec 'x"])("%j is refused when it is read", (line) => {
  expect(() => templateWords(line)).toThrow();
});
