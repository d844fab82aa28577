import type { InstructionBase, Statement } from "../statement.ts";
import { splitKeyword } from "../words.ts";
import { instruction, type Kinded } from "./instruction.ts";

export interface OnbuildInstruction extends InstructionBase {
  kind: "onbuild";
  /** The trigger's text, what goes into the configuration's OnBuild list. */
  expression: string;
  /** The trigger, parsed; undefined when it would fail where it runs, which BuildKit lets pass here. */
  trigger?: Kinded;
  /** Why `trigger` is undefined. */
  triggerError?: string;
}

/**
 * Keeps an instruction for the images built from this one. The parser reads the trigger (parse.ts): it is the one
 * instruction inside an instruction.
 */
export default instruction<OnbuildInstruction>({
  kind: "onbuild",
  keyword: "ONBUILD",
  summary: "keep an instruction to run when another image is built from this one",
  usage: ["ONBUILD INSTRUCTION"],
  example: "ONBUILD COPY . /app",
  url: "https://docs.docker.com/reference/dockerfile/#onbuild",
  shape: keywordOf,
  flags: [],
  heredocs: "of-trigger",
  notATrigger: true,
  change: true,
  expands: "nothing; the trigger is expanded where it runs",
  parse(statement) {
    const word = statement.args[0];
    if (!word) return statement.fail("ONBUILD requires at least one argument");
    const keyword = word.text.toUpperCase();
    if (keyword === "ONBUILD") statement.fail("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", word);
    if (keyword === "FROM" || keyword === "MAINTAINER") statement.fail(`${keyword} isn't allowed as an ONBUILD trigger`, word);
    const bodies = statement.heredocs.map(({ content, name }) => `\n${content}${name}`);
    return { ...statement.base, kind: "onbuild", expression: statement.base.original.replace(/^\S+\s*/, "") + bodies.join("") };
  },
  configure({ config }, { expression }) {
    config.OnBuild = [...(config.OnBuild ?? []), expression];
  },
  history: () => undefined,
});

/** The shape: the keyword of the instruction that is kept. */
function keywordOf(statement: Statement): void {
  if (statement.rest.text !== "") statement.args = [splitKeyword(statement.rest).keyword];
}
