/** `berth image security`: what an image runs as, what of its files gives powers or secrets away, what its containers begin with. */
import { EngineError } from "../../../engine/errors.ts";
import type { ImageSecurity, SecurityCheck } from "../../../engine/index.ts";
import { neutraliseLine } from "../../format/neutral.ts";
import { describeDefault } from "../../format/security-default.ts";
import { type CommandSpec, command } from "../command.ts";
import { listOf, numberOf, textOf } from "../flag-values.ts";

type Checked = ImageSecurity["Checks"][number];

const checks = ["user", "setuid", "secrets", "shell"] as const satisfies readonly SecurityCheck[];

const spec: CommandSpec<ImageSecurity> = command({
  summary: "Check what an image runs as and whether set-id files, secrets or shells are in it",
  description:
    "The checks are those that directives of a Dockerfile demand. Exits with 1 when one of them fails. Secrets are named by kind and place, and never shown.",
  examples: [
    { line: "berth image security app", does: "Make all checks, and show what its containers begin with" },
    { line: "berth image security --check secrets --format json app", does: "Look for secrets in all layers, for a program" },
    { line: "berth image security --except '/usr/bin/*' app", does: "Pass over the programs of the distribution" },
  ],
  flags: [
    {
      name: "check",
      type: "list",
      placeholder: "CHECK",
      suggestions: checks,
      help: "Make this check: user, setuid, secrets or shell; may be repeated",
    },
    { name: "except", type: "list", placeholder: "PATH", help: "Pass over these files; * and ** as in .dockerignore" },
    { name: "findings", type: "number", default: 10, placeholder: "N", help: "How many findings of each check to name" },
    { name: "format", short: "f", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" },
  ],
  args: [{ name: "IMAGE", subject: "image" }],
  async *run({ engine, signal }, input) {
    const wanted = listOf(input, "check").map(checkNamed);
    const except = listOf(input, "except");
    return engine.images.security(input.args[0] ?? "", { ...(wanted.length > 0 && { checks: wanted }), except, signal });
  },
  present(image, input) {
    const format = textOf(input, "format");
    if (format !== undefined) return { kind: "json", values: [image], format };
    return { kind: "text", text: report(image, numberOf(input, "findings") ?? 10) };
  },
  exitStatus: ({ Checks }) => (Checks.every(({ Passed }) => Passed) ? 0 : 1),
});

function checkNamed(name: string): SecurityCheck {
  const found = checks.find((check) => check === name);
  if (!found)
    throw new EngineError("usage", `invalid argument "${name}" for "--check" flag: there is no such check`, {
      hint: `it is one of ${checks.join(", ")}`,
    });
  return found;
}

function report({ Checks, Defaults }: ImageSecurity, most: number): string {
  const defaults = Object.entries(Defaults).map(([name, value]) => `  ${neutraliseLine(describeDefault(name, value))}\n`);
  return [
    ...Checks.map((check) => describeCheck(check, most)),
    ...(defaults.length > 0 ? ["\nContainers begin with\n", ...defaults] : ["\nContainers begin with nothing that the image demands\n"]),
  ].join("");
}

function describeCheck({ Check, Findings, Passed }: Checked, most: number): string {
  if (Passed) return `${Check.padEnd(8)} ok\n`;
  const named = Findings.slice(0, most).map(({ Message, Layer, CreatedBy }) => {
    const layer = Layer === undefined ? "" : `  (layer ${Layer}${CreatedBy ? `: ${shortened(CreatedBy)}` : ""})`;
    return `  ${neutraliseLine(`${Message}${layer}`)}\n`;
  });
  const more = Findings.length > most ? `  and ${Findings.length - most} more\n` : "";
  return `${Check.padEnd(8)} failed\n${named.join("")}${more}`;
}

const shortened = (text: string) => (text.length > 80 ? `${text.slice(0, 79)}…` : text).replace(/\s+/g, " ");

export default spec;
