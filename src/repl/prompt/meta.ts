/**
 * What is typed at the prompt about the prompt: `history`, and commands with a backslash as psql has them. Scripts have none:
 * there a backslash escapes.
 */

import { goDuration } from "../../../engine/duration.ts";
import { EngineError } from "../../../engine/errors.ts";
import { nearest } from "../../../engine/suggest.ts";
import { neutraliseLine } from "../../format/neutral.ts";
import { renderTable } from "../../format/table.ts";
import type { Session } from "../session.ts";
import { type History, type Run, recallable } from "./history.ts";

/** The source to run in its place, or what to show, all being done. */
export type Meaning = { source: string } | { shown: string };

interface Meta {
  name: string;
  args: string;
  does: string;
  run(rest: string, session: Session, history: History): Meaning;
}

/** Runs that `history` shows unless asked for more. */
const shown = 30;

export const metas: readonly Meta[] = [
  { name: "timing", args: "[on|off]", does: "print how long statements take", run: (rest, { switches }) => turn(switches, "timing", rest) },
  {
    name: "pager",
    args: "[on|off]",
    does: "show results that are larger than the screen in a pager",
    run: (rest, { switches }) => turn(switches, "pager", rest),
  },
  { name: "history", args: "[TEXT|N]", does: "what was run: when, how long, with which status, where", run: showHistory },
  { name: "watch", args: "[TIME]", does: "run the line before again and again, until Ctrl-C", run: watchLast },
  { name: "i", args: "FILE", does: "run the statements of a file", run: (rest) => ({ source: `source ${rest}` }) },
  { name: "cd", args: "DIRECTORY", does: "change the directory", run: (rest) => ({ source: `cd ${rest}` }) },
  { name: "!", args: "PROGRAM", does: "run a program of this host", run: (rest) => ({ source: `! ${rest}` }) },
  { name: "q", args: "", does: "leave", run: () => ({ source: "exit" }) },
  { name: "?", args: "", does: "list these", run: help },
];

/** What a typed text means. @throws EngineError `usage` for an unknown command of the prompt */
export function meaningOf(text: string, session: Session, history: History): Meaning {
  const bare = /^\s*history\s*$/.test(text);
  const [, sign, word, rest = ""] = /^\s*(\\)(!|\?|[a-z]+)[ \t]*(.*?)\s*$/s.exec(text) ?? [];
  if (bare) return showHistory("", session, history);
  if (sign === undefined) return { source: text };
  const meta = metas.find(({ name }) => name === (word === "s" ? "history" : word));
  if (meta) return meta.run(rest, session, history);
  const names = metas.map(({ name }) => name);
  throw new EngineError("usage", `\\${word} is no command of the prompt`, { suggestion: nearest(word!, names), hint: "\\\\? lists them" });
}

function turn(switches: Session["switches"], name: "timing" | "pager", rest: string): Meaning {
  if (!/^(on|off)?$/.test(rest)) throw new EngineError("usage", `\\${name} is on or off, not "${rest}"`);
  switches[name] = rest === "" ? !switches[name] : rest === "on";
  return { shown: `${name} is ${switches[name] ? "on" : "off"}\n` };
}

function showHistory(rest: string, _session: Session, { runs }: History): Meaning {
  const count = /^\d+$/.test(rest) ? Number(rest) : shown;
  const wanted = rest === "" || /^\d+$/.test(rest) ? runs : runs.filter(({ line }) => line.includes(rest));
  const rows = count === 0 ? [] : wanted.slice(-count);
  return { shown: rows.length === 0 ? "nothing was run\n" : renderTable(columns, rows) };
}

const local = (iso: string) => {
  const date = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
};

const columns = [
  { header: "WHEN", field: "When", value: ({ at }: Run) => local(at) },
  { header: "TOOK", field: "Took", value: ({ ms }: Run) => goDuration(ms * 1e6) },
  { header: "STATUS", field: "Status", value: ({ status }: Run) => String(status) },
  { header: "DIRECTORY", field: "Directory", value: ({ cwd }: Run) => neutraliseLine(cwd) },
  { header: "LINE", field: "Line", value: ({ line }: Run) => neutraliseLine(recallable(line).replaceAll("\n", "; ")) },
];

function watchLast(rest: string, _session: Session, { runs }: History): Meaning {
  const last = runs.findLast(({ line }) => !/^\s*(\\|history\s*$)/.test(line));
  if (!last) throw new EngineError("usage", "there is no line before to watch");
  return { source: `watch ${rest} { ${last.line} }` };
}

function help(): Meaning {
  return { shown: metas.map(({ name, args, does }) => `  ${`\\${name} ${args}`.padEnd(20)}${does}\n`).join("") };
}
