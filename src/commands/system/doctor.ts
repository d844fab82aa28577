/** `berth doctor`: what this host can and cannot do, and what mends it. */
import type { DoctorCheck } from "../../../engine/index.ts";
import { neutralise } from "../../format/neutral.ts";
import { hasColour, type Paint, painter, type Style } from "../../print.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";

const spec: CommandSpec<DoctorCheck[]> = command({
  summary: "Examine what this host can do, and say what mends the rest",
  description:
    "Each line is one thing that containers stand on, tried for real. Exits with 1 when something that berth needs does not work.",
  examples: [
    { line: "berth doctor", does: "Examine runtime, control groups, overlay, firewall, names, capabilities and the state directory" },
    { line: "berth doctor --repair", does: "Rebuild the records of a state directory whose database is gone" },
    { line: "berth doctor --format json", does: "Print the findings for a program" },
  ],
  flags: [
    { name: "repair", type: "boolean", help: "First rebuild a database that is lost, from what lies in the state directory" },
    { name: "format", short: "f", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" },
  ],
  place: "here",
  args: [],
  async *run({ engine }, input) {
    const repaired = isSet(input, "repair") ? await engine.system.repair() : [];
    return [...repaired, ...(await engine.system.doctor())];
  },
  present(checks, input) {
    const format = textOf(input, "format");
    if (format !== undefined) return { kind: "json", values: checks, format };
    return { kind: "text", text: describe(checks, painter(hasColour("stdout"))) };
  },
  exitStatus: (checks) => (checks.some(({ status }) => status === "error") ? 1 : 0),
});

const marks: Record<DoctorCheck["status"], { mark: string; style: Style }> = {
  ok: { mark: "ok", style: "green" },
  warning: { mark: "warning", style: "yellow" },
  error: { mark: "error", style: "red" },
};

/** One line a check, its remedy below; then what it comes to. */
export function describe(checks: readonly DoctorCheck[], paint: Paint): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const indent = " ".repeat(width + 11);
  const lines = checks.flatMap(({ name, status, detail, remedy }) => {
    const { mark, style } = marks[status];
    const line = `${paint("bold", name.padEnd(width))}  ${paint(style, mark.padEnd(7))}  ${neutralise(detail)}`;
    return remedy ? [line, `${indent}${paint("dim", "remedy:")} ${neutralise(remedy)}`] : [line];
  });
  return `${[...lines, "", summary(checks)].join("\n")}\n`;
}

function summary(checks: readonly DoctorCheck[]): string {
  const count = (status: DoctorCheck["status"]) => checks.filter((check) => check.status === status).length;
  const [errors, warnings] = [count("error"), count("warning")];
  if (errors > 0) return `${plural(errors, "thing")} berth needs ${errors === 1 ? "does" : "do"} not work here.`;
  return warnings > 0 ? `Containers work here; ${plural(warnings, "thing")} could be better.` : "Everything works here.";
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export default spec;
