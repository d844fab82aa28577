/** What `berth config` shows: every setting as it holds, and whose word it is. */
import { goDuration } from "../../engine/duration.ts";
import type { EffectiveSetting, TuiFlags } from "../../src/commands/command.ts";
import { bind } from "../key-bindings.ts";
import { columnName, resources } from "../resources/index.ts";
import { configFile, readSettings, type UsersSettings } from "./read.ts";
import { originOf, type ResolvedSettings, resolveSettings } from "./resolve.ts";

/** @throws EngineError `invalid` for a file that is wrong */
export async function effectiveSettings(env: Record<string, string | undefined>, flags: TuiFlags): Promise<EffectiveSetting[]> {
  return effectiveOf(await readSettings(env), env, flags);
}

export function effectiveOf(users: UsersSettings, env: Record<string, string | undefined>, flags: TuiFlags): EffectiveSetting[] {
  const { settings, origins } = resolveSettings(users, env, flags);
  const rows = valuesOf(settings).map(([path, value]) => ({ Setting: path, Value: value, Origin: originOf(path, origins, users.places) }));
  return [
    { Setting: "file", Value: configFile(env) ?? "none", Origin: env["XDG_CONFIG_HOME"] ? "environment XDG_CONFIG_HOME" : "default" },
    ...rows,
  ];
}

function valuesOf({ keys, lists, commands, panes, logs, refresh, ...plain }: ResolvedSettings): [string, string][] {
  return [
    ...Object.entries(plain).map(([name, value]): [string, string] => [name, String(value)]),
    ["refresh", refresh === 0 ? "off" : goDuration(refresh * 1e6)],
    ...Object.entries(panes).map(([name, value]): [string, string] => [`panes.${name}`, String(value)]),
    ["logs.highlights", logs.highlights.map(({ pattern, style }) => `${pattern} (${style})`).join(", ") || "none"],
    ...resources.flatMap((view): [string, string][] => {
      const { columns, filter, sort, group } = lists[view.id] ?? {};
      const usual = view.columns.filter(({ hidden }) => !hidden).map(columnName);
      return [
        [`lists.${view.id}.columns`, (columns ?? usual).join(", ")],
        [`lists.${view.id}.filter`, filter ?? "none"],
        [`lists.${view.id}.sort`, sort ?? "none"],
        ...(view.labels ? [[`lists.${view.id}.group`, group ?? "none"] satisfies [string, string]] : []),
      ];
    }),
    ...bindingsOf(keys),
    ...commands.map(({ name, key, run, host }, at): [string, string] => [
      `commands[${at}]`,
      `${key} ${name}: ${host === undefined ? (run ?? []).join("; ") : `! ${host}`}`,
    ]),
  ];
}

/** The questions' keys are what they are: they are no settings. */
function bindingsOf(keys: ResolvedSettings["keys"]): [string, string][] {
  const unbound = Object.keys(keys).filter((id) => keys[id]!.length === 0);
  const bound = bind({ keys, commands: [] }).filter(({ context }) => context !== "confirm");
  return [
    ...bound.map(({ id, keys: names }): [string, string] => [`keys.${id}`, names.join(" ")]),
    ...unbound.map((id): [string, string] => [`keys.${id}`, "none"]),
  ];
}
