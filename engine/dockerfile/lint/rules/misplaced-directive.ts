import { isDirective } from "../../berth-directives.ts";
import type { Dockerfile } from "../../types.ts";
import { berthRule } from "../rule.ts";

const directive = /^\s*#\s*berth:[A-Za-z]/;
/** "berth: no-shell", "Berth:memory 64m", "berth :pids 10" */
const nearly = /^\s*#\s*berth\s*:\s*([a-z][^\s=]*)\s*=?(.*)$/i;
const parserDirective = /^\s*#\s*(syntax|escape|check)\s*=/i;

export default berthRule({
  name: "MisplacedDirective",
  description: "A directive that stands where none is read should not look as if it were one",
  bad: "FROM debian:12\nRUN true && \\\n# berth:no-shell\n  true\n",
  good: "# berth:no-shell\nFROM debian:12\nRUN true\n",
  check({ dockerfile, report }) {
    const { file, source } = dockerfile;
    const lines = source.split("\n");
    const inside = linesInside(dockerfile, lines);
    const first = lines.findIndex((text) => directive.test(text));
    const end = lines.findIndex((text) => !text.trimStart().startsWith("#"));
    for (const [at, text] of lines.entries()) {
      const where = inside.get(at + 1);
      const location = { file, source, line: at + 1, column: text.length - text.trimStart().length + 1 };
      if (where === "heredoc") continue;
      if (where === "instruction" && directive.test(text))
        report(location, "A berth directive inside an instruction is a comment: move it out");
      else if (where === undefined && !directive.test(text) && isMeantAsOne(text))
        report(location, "A berth directive begins with berth: in small letters and without blanks: this one is a comment");
      else if (first >= 0 && at > first && at < end && parserDirective.test(text))
        report(
          location,
          `Below a berth directive this is a comment, for docker, too: ${parserDirective.exec(text)![1]}= stands above all others`,
        );
    }
  },
});

/** What is said of berth in a sentence is none. */
function isMeantAsOne(text: string): boolean {
  const [, name = "", value = ""] = nearly.exec(text) ?? [];
  return isDirective(name.toLowerCase(), value.trim());
}

/** Lines behind the first of each instruction: those that continue it, and the bodies that it opened. */
function linesInside({ directives, metaArgs, stages }: Dockerfile, lines: readonly string[]): Map<number, "instruction" | "heredoc"> {
  const inside = new Map<number, "instruction" | "heredoc">();
  for (const { location } of [...metaArgs, ...stages.flatMap(({ from, instructions }) => [from, ...instructions])]) {
    let isContinued = true;
    for (let line = location.line; line <= (location.endLine ?? location.line); line++) {
      const text = lines[line - 1]!.trimEnd();
      if (line > location.line) inside.set(line, isContinued ? "instruction" : "heredoc");
      if (text !== "" && !text.trimStart().startsWith("#")) isContinued &&= text.endsWith(directives.escape);
    }
  }
  return inside;
}
