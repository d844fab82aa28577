/** What COPY and ADD share: sources, heredoc sources, destination, and the checks that wait for expansion. */
import { chompTabs, parseHeredocWord } from "../heredoc.ts";
import { isFileMode } from "../mode.ts";
import type { InstructionBase, Statement } from "../statement.ts";
import type { Expander } from "./instruction.ts";

/** A source of COPY or ADD that is in the Dockerfile itself, a heredoc. */
export interface InlineFile {
  /** File name, from the delimiter. */
  name: string;
  /** `<<-` already applied. */
  data: string;
  expand: boolean;
}

export interface TransferInstruction extends InstructionBase {
  /** Paths (or, for ADD, URLs), in order; may be empty when there are inline files. */
  sources: string[];
  inline: InlineFile[];
  destination: string;
  chown?: string;
  /** Octal ("755") or symbolic ("u=rwX,go=rX"); not checked before expansion. */
  chmod?: string;
  link: boolean;
  exclude: string[];
}

type Transfer = Pick<TransferInstruction, "sources" | "inline" | "destination">;

export const transferFlags = [
  { name: "chown", type: "text", value: "USER[:GROUP]", summary: "owner of what is copied; default 0:0" },
  { name: "chmod", type: "text", value: "MODE", summary: "mode of what is copied, octal or symbolic" },
  { name: "link", type: "switch", summary: "copy into a layer of its own, reusable when earlier layers change" },
  { name: "exclude", type: "list", value: "PATTERN", summary: "leave out what matches" },
] as const;

export function parseTransfer(statement: Statement): Transfer {
  const keyword = statement.keyword.text.toUpperCase();
  if (statement.args.length < 2) {
    const found = statement.args.length === 0 ? "" : ", but only one was provided. Destination could not be determined";
    statement.fail(`${keyword} requires at least two arguments${found}`, statement.args[0]);
  }
  const destination = statement.args.at(-1)!;
  if (parseHeredocWord(destination.text)) statement.fail(`${keyword} cannot accept a heredoc as a destination`, destination);
  const sources: string[] = [];
  const inline: InlineFile[] = [];
  for (const { text } of statement.args.slice(0, -1)) {
    const opened = parseHeredocWord(text);
    if (opened) inline.push(inlineFile(statement, opened));
    else sources.push(text);
  }
  return { sources, inline, destination: destination.text };
}

function inlineFile(statement: Statement, { name, expand, chomp }: { name: string; expand: boolean; chomp: boolean }): InlineFile {
  // Of several bodies with one delimiter the last counts; a JSON array never opens a body.
  const content = statement.heredocs.findLast((heredoc) => heredoc.name === name)?.content ?? "";
  return { name, data: chomp ? chompTabs(content) : content, expand };
}

export function expandTransfer<T extends TransferInstruction>(instruction: T, expander: Expander): T {
  const { sources, inline, destination, chown, chmod } = instruction;
  const expanded: T = {
    ...instruction,
    sources: sources.map((source) => expander.word(source)),
    inline: inline.map((file) => (file.expand ? { ...file, data: expander.body(file.data) } : file)),
    destination: expander.word(destination),
    chown: expander.optional(chown),
    chmod: expander.optional(chmod),
  };
  if (expanded.chmod && !isFileMode(expanded.chmod)) {
    const message = `invalid chmod parameter: '${expanded.chmod}'. it should be octal string and between 0 and 07777`;
    expander.fail(message, "write an octal mode such as 0755, or a symbolic one such as u=rwX,go=rX");
  }
  return expanded;
}
