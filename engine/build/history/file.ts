/** The file of a build: where it is, and what its lines are. */
import { join } from "node:path";
import type { BuildEvent } from "../../events.ts";
import type { Ground } from "../../state/ground.ts";

/** Where the files are; the first build makes it. */
export function recordsDirectory({ paths }: Pick<Ground, "paths">): string {
  return join(paths.build, "records");
}

export function recordFile(ground: Pick<Ground, "paths">, id: string): string {
  return join(recordsDirectory(ground), id);
}

/** What a build was asked, as its first line says it. */
export interface Asked {
  type: "asked";
  file: string;
  context: string;
  target?: string;
  platform?: string;
  tags: string[];
  args: Record<string, string>;
  secrets: string[];
  noCache: boolean;
}

/** Its stages, as soon as they are known. */
export interface Planned {
  type: "planned";
  /** `name`: what FROM and COPY call it; `needs`: labels of others. */
  stages: { label: string; name: string; base?: string; needs: string[] }[];
}

/** More output came than is kept. */
export interface Cut {
  type: "cut";
  id: string;
}

/** One line of the file. Output is text of its bytes, each a character. */
export type RecordLine =
  | Asked
  | Planned
  | Cut
  | Exclude<BuildEvent, { type: "step-log" }>
  | { type: "step-log"; id: string; stream: "stdout" | "stderr"; time: number; text: string }
  | { type: "ended"; time: number };
