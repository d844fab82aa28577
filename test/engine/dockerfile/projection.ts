/** A parse result in the form of the cases' expected.json: no source text, locations as "line:column-endLine", no defaults. */
import { parseDockerfile } from "../../../engine/dockerfile/index.ts";
import type { AnyInstruction, Dockerfile } from "../../../engine/dockerfile/types.ts";
import { EngineError, type SourceLocation } from "../../../engine/errors.ts";

export type Projection = Record<string, unknown>;

export const place = ({ line, column, endLine }: SourceLocation) => `${line}:${column}${endLine ? `-${endLine}` : ""}`;

/** Flags whose "false" differs from their absence. */
const meaningful = new Set(["keepGitDir", "unpack"]);

/** Drops what says nothing: absent, empty and false values. */
function sparse(value: Projection): Projection {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([name, each]) => each !== undefined && (each !== false || meaningful.has(name)) && !(Array.isArray(each) && each.length === 0),
    ),
  );
}

function instruction({ kind, location, keyword, original, ...fields }: AnyInstruction): Projection {
  const parts = Object.entries(fields).map(([name, value]) => [name, nested(name, value)] as const);
  return sparse({
    [keyword]: place(location),
    original,
    ...Object.fromEntries(parts.filter(([name, value]) => !(name in defaults && defaults[name] === value))),
  });
}

const defaults: Record<string, unknown> = { network: "default", security: "sandbox" };

function nested(name: string, value: unknown): unknown {
  if (name === "trigger" && value) return instruction(value as AnyInstruction);
  if (!Array.isArray(value)) return value;
  return value.map((item) =>
    typeof item === "object" && item !== null ? sparse("location" in item ? { ...item, location: place(item.location) } : item) : item,
  );
}

function file({ directives, metaArgs, stages, warnings, berth }: Dockerfile): Projection {
  const { syntax, check } = directives;
  return sparse({
    escape: directives.escape === "`" ? directives.escape : undefined,
    syntax: syntax && { value: syntax.value, at: place(syntax.location) },
    check: check && { value: check.value, at: place(check.location) },
    berth:
      Object.keys(berth).length > 0
        ? Object.fromEntries(Object.entries(berth).map(([name, each]) => [name, { value: each.value, at: place(each.location) }]))
        : undefined,
    metaArgs: metaArgs.map(instruction),
    stages: stages.map((stage) =>
      sparse({ name: stage.name, at: place(stage.location), instructions: [stage.from, ...stage.instructions].map(instruction) }),
    ),
    warnings: warnings.map(({ rule, location }) => `${rule} ${place(location)}`),
  });
}

/** What a case expects: the file, or the error. */
export function project(source: string): Projection {
  try {
    return JSON.parse(JSON.stringify(file(parseDockerfile(source, { file: "Dockerfile" }))));
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== "dockerfile" || !error.location) throw error;
    return sparse({ error: error.message, at: place(error.location), suggestion: error.suggestion });
  }
}
