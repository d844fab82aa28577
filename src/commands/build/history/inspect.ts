/** `berth builder history inspect`: what a build was asked, what it did, how it ended. */
import type { BuildRecord } from "../../../../engine/index.ts";
import { type CommandSpec, command } from "../../command.ts";
import { textOf } from "../../flag-values.ts";
import { durationOf, statusWords } from "./ls.ts";
import { refArg } from "./ref.ts";

const spec: CommandSpec<BuildRecord> = command<BuildRecord>({
  summary: "Inspect a build",
  examples: [
    { line: "berth builder history inspect", does: "Show the newest build" },
    { line: "berth builder history inspect --format json ^1", does: "Print all that is known of the build before it, its steps included" },
  ],
  flags: [{ name: "format", type: "string", placeholder: "FORMAT", default: "pretty", help: "'pretty', 'json' or a Go template" }],
  args: [refArg],
  async *run({ engine }, input) {
    return engine.builder.inspect(input.args[0] ?? "");
  },
  present(record, input) {
    const format = textOf(input, "format");
    if (format === "pretty") return { kind: "lines", lines: describe(record) };
    return { kind: "json", values: [record], format };
  },
});

function describe(record: BuildRecord): string[] {
  const { total, cached } = record.Steps;
  const share = total === 0 ? "" : ` (${Math.round((100 * cached) / total)}% cached)`;
  const facts: [string, string][] = [
    ["Name", record.Name],
    ["Context", record.Context],
    ["Dockerfile", record.Dockerfile],
    ["Target", record.Target ?? ""],
    ["Platforms", record.Platform ?? ""],
    ["Tags", record.Tags.join(", ")],
    ["Status", statusWords[record.Status]],
    ["Error", record.Error ?? ""],
    ["Started", record.CreatedAt],
    ["Duration", durationOf(record)],
    ["Build Steps", `${total}/${total}${share}`],
    ["Image", record.ImageID ?? ""],
  ];
  const args = Object.entries(record.Args).map(([name, value]) => `${name.padEnd(20)} ${value}`);
  return [
    ...facts.filter(([, value]) => value !== "").map(([name, value]) => `${`${name}:`.padEnd(15)} ${value}`),
    ...(args.length > 0 ? ["", "Build Args:", ...args] : []),
    "",
    `Print build logs: berth builder history logs ${record.ID.slice(0, 25)}`,
  ];
}

export default spec;
