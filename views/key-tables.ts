/** The action table as Markdown, for docs/keys.md: what the help shows on the screen, by where it works. Pure. */
import { type Action, keyLabel, keymap } from "./keymap.ts";
import { helpGroups } from "./parts/help.ts";

const defaultPrefix = "ctrl-b";

/** One table for each place where keys work. */
export function keyTables(): string {
  return helpGroups(defaultPrefix, keymap)
    .map(({ title, actions }) => `**${title}**\n\n| Key | What it does |\n| --- | --- |\n${merged(actions).map(row).join("\n")}\n`)
    .join("\n");
}

interface Row {
  keys: string[];
  help: string;
}

/** Actions in a row that differ by a number only (terminal 1 … terminal 9) are one line. */
function merged(actions: readonly Action[]): Row[] {
  const rows: Row[] = [];
  for (const { keys, help } of actions) {
    const shown = keys.map(keyLabel);
    const last = rows.at(-1);
    const numbered = /^\d$/.test(keys[0]) && help.endsWith(` ${keys[0]}`);
    if (numbered && last?.help === help.replace(/\d$/, "1")) last.keys = [last.keys[0]!, "…", ...shown];
    else rows.push({ keys: shown, help });
  }
  return rows.map((each) => (each.keys[1] === "…" ? { ...each, help: each.help.replace(/ 1$/, " of that number") } : each));
}

function row({ keys, help }: Row): string {
  const code = (key: string) => (key === "…" ? key : key === "|" ? "`\\|`" : `\`${key}\``);
  return `| ${keys.map(code).join(" ")} | ${help.replaceAll("|", "\\|")} |`;
}
