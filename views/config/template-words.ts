/**
 * Command lines with templates: words first, templates then. What comes from an object stands in the word where its template
 * stood, whatever is in it: it makes no words, no flags, and no shell reads it. Pure.
 */
import { EngineError } from "../../engine/errors.ts";
import { compileTemplate } from "../../src/format/template/index.ts";
import { splitWords } from "../../src/repl/language/words.ts";

/** A template, quotes and blanks inside it included. */
const template = /\{\{(?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^}"`]|\}(?!\}))*\}\}/g;
/** Stands for one while the line is split: a private character, its number, and the character again. */
const mark = "\ue0bf";
const marks = new RegExp(`${mark}(\\d+)${mark}`, "g");

/** The words of a line, each as a function of what it is about. @throws EngineError `usage` or `syntax` */
export function templateWords(line: string): ((data: unknown) => string)[] {
  const templates: string[] = [];
  const marked = line.replaceAll(mark, "").replace(template, (text) => `${mark}${templates.push(text) - 1}${mark}`);
  return splitWords(marked).map((word) => {
    const source = word.replace(marks, (_, number) => templates[Number(number)]!);
    if (!source.includes("{{")) return () => source;
    const render = compileTemplate(source);
    return (data) => checked(render(data), source);
  });
}

/** An image may be called or labelled as it likes: it gives no orders. */
function checked(word: string, source: string): string {
  if (!source.startsWith("{{") || !word.startsWith("-")) return word;
  throw new EngineError("invalid", `"${source}" gives "${word}", which would be taken for a flag`, {
    hint: "write the flag itself into the command, and what it stands for behind a =",
  });
}
