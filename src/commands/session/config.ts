/** `berth config`: how the terminal UI is configured, and whose word each setting is. */
import { EngineError } from "../../../engine/errors.ts";
import { nearest } from "../../../engine/suggest.ts";
import { type Column, type CommandSpec, command, type EffectiveSetting } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { tuiFlags, tuiFlagsOf } from "./tui-flags.ts";

const columns: Column<EffectiveSetting>[] = [
  { header: "SETTING", field: "Setting", value: ({ Setting }) => Setting },
  { header: "VALUE", field: "Value", value: ({ Value }) => Value },
  { header: "ORIGIN", field: "Origin", value: ({ Origin }) => Origin },
];

const spec: CommandSpec<EffectiveSetting[]> = command({
  summary: "Show how the terminal UI is configured",
  description:
    "Every setting as it holds, and whose word it is: the default, a place in the file, a variable of the environment, or a flag. " +
    "A file with a mistake is refused with its line and column.",
  examples: [
    { line: "berth config", does: "Show all settings" },
    { line: "berth config keys", does: "Show which key does what" },
    { line: "berth config theme panes.bell", does: "Show some of them" },
    { line: "berth config --view images --filter dangling", does: "Show what 'berth tui' would make of these flags" },
  ],
  flags: [...tuiFlags, { name: "format", type: "string", placeholder: "FORMAT", help: "'json', 'table TEMPLATE' or a Go template" }],
  args: [{ name: "SETTING", optional: true, variadic: true, help: "A setting, or the beginning of several: keys, panes" }],
  place: "anywhere",
  async *run({ io }, input) {
    if (!io.settings) throw new EngineError("unsupported", "there is no terminal UI to configure here");
    const all = await io.settings(io.env, tuiFlagsOf(input));
    return input.args.length === 0 ? all : input.args.flatMap((name) => below(all, name));
  },
  blank: [],
  present: (rows, input) => ({ kind: "table", columns, rows, ...formatOf(textOf(input, "format")) }),
});

const formatOf = (format: string | undefined) => (format === undefined ? {} : { format });

/** "panes" is "panes.bell" and the others; @throws EngineError `not-found` for a name that none has */
function below(all: readonly EffectiveSetting[], name: string): EffectiveSetting[] {
  const found = all.filter(({ Setting }) => Setting === name || Setting.startsWith(`${name}.`) || Setting.startsWith(`${name}[`));
  if (found.length > 0) return found;
  const names = all.flatMap(({ Setting }) => [Setting, Setting.replace(/[.[].*$/, "")]);
  const suggestion = nearest(name, new Set(names));
  throw new EngineError("not-found", `there is no setting "${name}"`, {
    hint: "'berth config' shows all settings",
    ...(suggestion && { suggestion }),
  });
}

export default spec;
