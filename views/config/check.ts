/** What a file says that is right word by word, and wrong as a whole: keys that mean two things, commands that do nothing. Pure. */
import { bind, conflictIn, isTextFor, wayOut } from "../key-bindings.ts";
import { type Action, keyLabel } from "../keymap.ts";
import type { SettingPlace } from "./read.ts";
import type { Settings } from "./settings.ts";

type Places = ReadonlyMap<string, SettingPlace>;
type Fail = (place: SettingPlace, problem: string) => never;

export function checkSettings(settings: Settings, places: Places, fail: Fail): void {
  checkCommands(settings, places, fail);
  checkWaysOut(settings, places, fail);
  checkKeys(settings, places, fail);
}

function checkCommands({ commands }: Settings, places: Places, fail: Fail): void {
  for (const [at, { name, run, host, terminal, output }] of commands.entries()) {
    const here = `commands[${at}]`;
    const other = commands.findIndex((each) => each.name === name);
    if (other < at)
      fail(places.get(`${here}.name`)!, `two commands are called "${name}": the other is at ${lineOf(places, `commands[${other}]`)}`);
    if (run && host) fail(places.get(`${here}.host`)!, `"${name}" has "run" and "host": a command is one of berth's, or a program`);
    if (!run && !host) fail(places.get(here)!, `"${name}" has neither "run" (a command line of berth's) nor "host" (a program)`);
    if (terminal && !host)
      fail(places.get(`${here}.terminal`)!, `"terminal" is for programs of the host: berth's commands open a pane where they want one`);
    if (terminal && output)
      fail(places.get(`${here}.output`)!, '"output" and "terminal" exclude each other: what has the terminal shows it');
  }
}

function checkWaysOut({ keys }: Settings, places: Places, fail: Fail): void {
  for (const id of wayOut)
    if (keys[id]?.length === 0) fail(places.get(`keys.${id}`)!, `"${id}" needs a key: without it there is no way out`);
  for (const [id, names] of Object.entries(keys))
    for (const name of names)
      if (isTextFor(id, name))
        fail(places.get(`keys.${id}`)!, `"${name}" cannot be the key of "${id}": it is text where something is typed`);
}

function checkKeys(settings: Settings, places: Places, fail: Fail): void {
  const conflict = conflictIn(bind(settings));
  if (!conflict) return;
  const { key, actions } = conflict;
  const [first, second] = actions.map((action) => ({ action, path: pathOf(action, settings, key) }));
  const [mine, other] = second!.path && places.has(second!.path) ? [second!, first!] : [first!, second!];
  const where = other.path && places.has(other.path) ? `at ${lineOf(places, other.path)}` : "as berth comes";
  const move = where === "as berth comes" ? `: give "${other.action.id}" another key, or "none"` : "";
  fail(
    places.get(mine.path ?? "") ?? [...places.values()][0]!,
    `the key ${keyLabel(key)} means two things: "${nameOf(mine.action)}" here, and "${nameOf(other.action)}" ${where}${move}`,
  );
}

const nameOf = ({ id }: Action) => id.replace(/^command\./, "");

/** Where the file gives an action a key; undefined where it does not. */
function pathOf({ id }: Action, { keys, commands }: Settings, key: string): string | undefined {
  const command = commands.findIndex(({ name }) => id === `command.${name}`);
  if (command >= 0) return `commands[${command}].key`;
  const names = keys[id];
  if (!names) return undefined;
  return names.length > 1 ? `keys.${id}[${names.indexOf(key)}]` : `keys.${id}`;
}

function lineOf(places: Places, path: string): string {
  const { line, column } = places.get(path) ?? { line: 0, column: 0 };
  return `${line}:${column}`;
}
