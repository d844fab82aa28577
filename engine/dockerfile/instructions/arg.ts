import { type InstructionBase, shapes } from "../statement.ts";
import { instruction } from "./instruction.ts";

export interface ArgInstruction extends InstructionBase {
  kind: "arg";
  /** `value` is undefined for `ARG name`. */
  args: { key: string; value?: string; comment?: string }[];
}

/** Declares a variable that the person who builds may set. */
export default instruction<ArgInstruction>({
  kind: "arg",
  keyword: "ARG",
  summary: "declare a build argument, with a default or without",
  usage: ["ARG NAME[=DEFAULT] [NAME[=DEFAULT]…]"],
  example: "ARG VERSION=1.2",
  url: "https://docs.docker.com/reference/dockerfile/#arg",
  shape: shapes.quoted,
  flags: [],
  ignoresFlags: () => true,
  expands: "the defaults, unless --build-arg gives the value; names never",
  parse(statement) {
    if (statement.args.length === 0) statement.fail("ARG requires at least one argument");
    const args = statement.args.map((word) => {
      const equals = word.text.indexOf("=");
      if (equals === 0) statement.fail("ARG names can not be blank", word);
      const key = equals === -1 ? word.text : word.text.slice(0, equals);
      const comment = describe(statement.base.comments, key);
      return { key, ...(equals === -1 ? {} : { value: word.text.slice(equals + 1) }), ...(comment === undefined ? {} : { comment }) };
    });
    return { ...statement.base, kind: "arg", args };
  },
  expand(arg, expander) {
    const args = arg.args.map((each) => {
      const value = expander.override(each.key) ?? expander.optional(each.value);
      if (value !== undefined) expander.define(each.key, value);
      return value === undefined ? each : { ...each, value };
    });
    return { ...arg, args };
  },
});

/** The text of the comment above that begins with a name: what outlines show for an argument or a stage. */
export function describe(comments: readonly string[], name: string): string | undefined {
  return comments.find((comment) => comment.startsWith(`${name} `))?.slice(name.length + 1);
}
