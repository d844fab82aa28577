/** How progress is to be shown: `--progress` of a verb or of its group, `--ansi`, and what the environment says of both. Pure. */
import { EngineError } from "../../engine/errors.ts";
import type { Context, Input } from "../commands/command.ts";

type Env = Context["io"]["env"];

export interface WantedProgress {
  mode: string;
  /** undefined: as whoever shows it has it. */
  colours?: boolean;
}

/** What the verb is told, else what stands before it, else COMPOSE_PROGRESS. */
export function progressMode({ flags, group }: Input, env: Env): string {
  const ofGroup = group && (group["progress"] ?? (env["COMPOSE_PROGRESS"] || undefined));
  return String(flags["progress"] ?? ofGroup ?? "auto");
}

/** `--ansi`, else COMPOSE_ANSI. NO_COLOR takes no drawing away, only colours. */
export function ansiOf(group: NonNullable<Input["group"]>, env: Env): "never" | "always" | "auto" {
  const wanted = group["no-ansi"] ? "never" : (group["ansi"] ?? env["COMPOSE_ANSI"]);
  return wanted === "never" || wanted === "always" ? wanted : "auto";
}

/** Of what is written beside progress; undefined: as whoever shows it has it. */
export function wantedColours({ group }: Partial<Pick<Input, "group">> = {}, env: Env): boolean | undefined {
  const ansi = group ? ansiOf(group, env) : "auto";
  return ansi === "auto" ? undefined : ansi === "always" && !env["NO_COLOR"];
}

/** @throws EngineError `usage` for two that contradict each other */
export function wantedProgress(input: Input, env: Env): WantedProgress {
  const mode = progressMode(input, env);
  const ansi = input.group ? ansiOf(input.group, env) : "auto";
  if (ansi === "auto") return { mode };
  const isForced = ansi === "always";
  if (mode === (isForced ? "plain" : "tty"))
    throw new EngineError("usage", `can't use --progress ${mode} while ANSI support is ${isForced ? "forced" : "disabled"}`, { exit: 1 });
  return { mode: mode === "auto" ? (isForced ? "tty" : "plain") : mode, colours: isForced && !env["NO_COLOR"] };
}
