/**
 * What holds in the end: the user's file, else what the environment says, else what is usual; and whose word each is. The
 * variables of berth's own go before the file, those of everybody (NO_COLOR, the locale, TMUX) after it. Pure.
 */
import { EngineError } from "../../engine/errors.ts";
import { nearest } from "../../engine/suggest.ts";
import type { TuiFlags } from "../../src/commands/command.ts";
import { controlLetter } from "../input/prefix.ts";
import { columnName, type ResourceId, resource, tabs } from "../resources/index.ts";
import type { ThemeName } from "../theme.ts";
import type { SettingPlace, UsersSettings } from "./read.ts";
import type { ConfirmPolicy, Settings } from "./settings.ts";

export interface ResolvedSettings extends Settings {
  /** "ctrl-b" */
  prefix: string;
  theme: ThemeName;
  borders: "unicode" | "ascii";
  confirm: ConfirmPolicy;
}

/** By the paths of settings: "environment NO_COLOR", "flag --view". What is in none is the file's, or usual. */
export type Origins = ReadonlyMap<string, string>;

type Environment = Record<string, string | undefined>;

/** A value, and the variable that it is from. */
type Sourced<Value> = [Value, variable?: string];

function prefixOf(env: Environment, configured: string | undefined): Sourced<string> {
  const own = controlLetter(env["BERTH_PREFIX"] ?? "");
  if (own) return [`ctrl-${own}`, "BERTH_PREFIX"];
  const letter = controlLetter(configured ?? "");
  if (letter) return [`ctrl-${letter}`];
  return env["TMUX"] ? ["ctrl-a", "TMUX"] : ["ctrl-b"]; // tmux has ctrl-b itself
}

const policies: readonly ConfirmPolicy[] = ["key", "word", "strict"];

function policyOf(env: Environment, configured: ConfirmPolicy | undefined): Sourced<ConfirmPolicy> {
  const own = policies.find((policy) => policy === env["BERTH_CONFIRM"]);
  return own ? [own, "BERTH_CONFIRM"] : [configured ?? "word"];
}

function themeOf(env: Environment, configured: ThemeName | undefined): Sourced<ThemeName> {
  if (configured) return [configured];
  return env["NO_COLOR"] ? ["none", "NO_COLOR"] : ["16"];
}

/** A locale that is set and has no UTF-8 shows no box drawing. One that is not set says nothing. */
function bordersOf(env: Environment, configured: Settings["borders"]): Sourced<"unicode" | "ascii"> {
  if (configured) return [configured];
  const variable = ["LC_ALL", "LC_CTYPE", "LANG"].find((name) => env[name]);
  return variable && !/utf-?8/i.test(env[variable]!) ? ["ascii", variable] : ["unicode"];
}

/** @throws EngineError `usage` for a flag that names what there is not */
export function resolveSettings(
  { settings }: Pick<UsersSettings, "settings">,
  env: Environment,
  flags: TuiFlags = {},
): { settings: ResolvedSettings; origins: Origins } {
  const origins = new Map<string, string>();
  const from = <Value>(path: string, [value, variable]: Sourced<Value>): Value => {
    if (variable) origins.set(path, `environment ${variable}`);
    return value;
  };
  const resolved: ResolvedSettings = {
    ...settings,
    prefix: from("prefix", prefixOf(env, settings.prefix)),
    confirm: from("confirm", policyOf(env, settings.confirm)),
    theme: from("theme", themeOf(env, settings.theme)),
    borders: from("borders", bordersOf(env, settings.borders)),
  };
  return { settings: withFlags(resolved, flags, (path, flag) => origins.set(path, `flag --${flag}`)), origins };
}

function withFlags(settings: ResolvedSettings, flags: TuiFlags, told: (path: string, flag: string) => void): ResolvedSettings {
  const view = flags.view === undefined ? settings.view : viewOf(flags.view);
  if (flags.view !== undefined) told("view", "view");
  const { filter, sort } = flags;
  if (sort !== undefined) checkSort(view, sort);
  if (filter !== undefined) told(`lists.${view}.filter`, "filter");
  if (sort !== undefined) told(`lists.${view}.sort`, "sort");
  const list = { ...settings.lists[view], ...(filter !== undefined && { filter }), ...(sort !== undefined && { sort }) };
  return { ...settings, view, ...(Object.keys(list).length > 0 && { lists: { ...settings.lists, [view]: list } }) };
}

function viewOf(name: string): ResourceId {
  const names = tabs.map(({ id }) => id);
  const found = names.find((id) => id === name);
  if (found) return found;
  const suggestion = nearest(name, names);
  throw new EngineError("usage", `there is no list "${name}"; there are ${names.join(", ")}`, { ...(suggestion && { suggestion }) });
}

function checkSort(view: ResourceId, sort: string): void {
  const names = resource(view)
    .columns.filter((column) => column.sort)
    .map(columnName);
  const name = sort.replace(/^-/, "");
  if (names.includes(name)) return;
  const suggestion = nearest(name, names);
  throw new EngineError(
    "usage",
    `cannot sort ${view} by "${name}"; there ${names.length === 1 ? "is" : "are"} ${names.join(", ") || "nothing"}`,
    {
      hint: 'a "-" before the name reverses the order',
      ...(suggestion && { suggestion }),
    },
  );
}

/** "default", "~/.config/berth/config.yaml:3:8", "environment NO_COLOR", "flag --view". */
export function originOf(path: string, origins: Origins, places: ReadonlyMap<string, SettingPlace>): string {
  const place = places.get(path);
  return origins.get(path) ?? (place ? `${place.file}:${place.line}:${place.column}` : "default");
}
