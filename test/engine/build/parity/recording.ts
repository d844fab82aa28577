/** What docker was recorded to build of each case, and how another image differs from it. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ParityCase, Sight } from "./case.ts";
import { isIntended } from "./intended.ts";
import type { Observation } from "./observe.ts";

export interface Recording {
  version: string;
  cases: Record<string, Observation>;
}

const recordingFile = fileURLToPath(new URL("../../../testdata/build-parity/docker.json", import.meta.url));
export function readRecording(): Recording {
  return JSON.parse(readFileSync(recordingFile, "utf8")) as Recording;
}

export function writeRecording({ version, cases }: Recording): void {
  const sorted = Object.fromEntries(Object.entries(cases).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(recordingFile, `${JSON.stringify({ version, cases: sorted }, null, 1)}\n`);
}

/** Lines that only one of two has: "- …" the wanted one, "+ …" the seen one; without what is meant to differ. */
export function surprises(each: ParityCase, recorded: Observation | undefined, seen: Observation): string[] {
  const wanted = each.newer ? { status: each.refused ? 1 : 0, sight: each.newer } : (recorded ?? { status: -1 });
  const parts = Object.keys(wanted.sight ?? seen.sight ?? {}) as (keyof Sight)[];
  const [a, b] = [linesOf(wanted, parts), linesOf(seen, parts)];
  const lines = [
    ...a.filter((line) => !b.includes(line)).map((line) => `- ${line}`),
    ...b.filter((line) => !a.includes(line)).map((line) => `+ ${line}`),
  ];
  if (lines.length === 0 && a.join("\n") !== b.join("\n")) lines.push("another order");
  return lines.filter((line) => !isIntended(each.name, line));
}

function linesOf({ status, sight }: { status: number; sight?: Partial<Sight> }, parts: readonly (keyof Sight)[]): string[] {
  const lines = [status === 0 ? "built" : "refused"];
  const { config = {}, history = [], files = [] } = sight ?? {};
  if (parts.includes("config"))
    lines.push(
      ...Object.keys(config)
        .sort()
        .map((key) => `config ${key}: ${JSON.stringify(config[key])}`),
    );
  if (parts.includes("history")) lines.push(...history.map((line) => `history: ${line}`));
  if (parts.includes("files")) lines.push(...files.map((line) => `file: ${line}`));
  return lines;
}
