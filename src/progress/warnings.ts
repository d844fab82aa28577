/** What a build's lint found, summed up when it is over, as BuildKit does; the excerpts are `berth build --check`'s. Pure. */
import type { WarningEvent } from "../../engine/events.ts";
import { neutraliseLine } from "../format/neutral.ts";

/** A warning of a lint rule waits for the end; any other is shown as it comes. */
export function isLint(warning: WarningEvent): boolean {
  return warning.rule !== undefined && warning.location !== undefined;
}

/** " 1 warning found …" and a line for each; "" without any. */
export function lintSummary(warnings: readonly WarningEvent[]): string {
  if (warnings.length === 0) return "";
  const count = warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`;
  const lines = warnings.map(({ location, rule, text }) => ` - ${neutraliseLine(`${rule}: ${text} (line ${location?.line})`)}\n`);
  return `\n ${count} found (build with --check to see where):\n${lines.join("")}`;
}
