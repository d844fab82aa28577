/** What the flag groups of `run` and `create` fill in: docker's ContainerCreate body in the making. */

import { EngineError } from "../../../../engine/errors.ts";
import type { ContainerCreate, EndpointSettings, HostConfig } from "../../../../engine/index.ts";
import type { FlagSpec, Input } from "../../command.ts";

export interface Draft {
  create: ContainerCreate;
  host: HostConfig;
  endpoints: Record<string, EndpointSettings>;
  /** Directory that relative paths start from, and the environment that `-e NAME` copies from. */
  cwd: string;
  env: Record<string, string | undefined>;
}

/** Flags that belong together, and how they change the draft. */
export interface FlagGroup {
  flags: FlagSpec[];
  apply(input: Input, draft: Draft): void;
}

/** A flag's value that makes no sense: docker's exit status 125, with the flag named. */
export function badFlag(flag: string, value: string, why: string, suggestion?: string): EngineError {
  return new EngineError("usage", `invalid argument "${value}" for "--${flag}" flag: ${why}`, {
    hint: "see 'berth run --help'",
    suggestion,
  });
}

/** Splits a comma-separated value with CSV quoting (`type=bind,"source=/a,b",target=/x`). */
export function splitCsv(text: string): string[] {
  const fields: string[] = [];
  for (const [, quoted, plain] of text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
    fields.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
  return fields;
}
