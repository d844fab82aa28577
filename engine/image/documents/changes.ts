/**
 * `--change` of import and commit: Dockerfile instructions that only change the image's configuration, all changes together read as
 * one Dockerfile without a FROM, as docker does.
 */
import { configure } from "../../dockerfile/configure.ts";
import { type Configured, splitVariable } from "../../dockerfile/configured.ts";
import { expandInstruction, instructions, parseInstructions, specOf } from "../../dockerfile/index.ts";
import type { AnyInstruction } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import type { ImageConfig } from "../types.ts";

type Config = NonNullable<ImageConfig["config"]>;

/**
 * Applies instructions to a config, in order. Variables are those of the config's environment.
 * @throws EngineError `invalid` for an instruction that is unknown, malformed, or changes more than the config; located in the changes
 */
export function applyChanges(config: Config, changes: readonly string[]): Config {
  const to: Configured = { config: structuredClone(config), environment: new Map((config.Env ?? []).map(splitVariable)), cmdSet: false };
  try {
    apply(to, changes.join("\n"));
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== "dockerfile") throw error;
    const { message, hint, location, suggestion } = error;
    throw new EngineError("invalid", `invalid change: ${message}`, { hint, location, suggestion, cause: error });
  }
  // A command goes with another entrypoint, and stays where there is none.
  if (to.config.Entrypoint?.length === 0 && !to.config.Cmd && config.Cmd) to.config.Cmd = config.Cmd;
  if (!to.config.Cmd) delete to.config.Cmd;
  delete to.config.ArgsEscaped; // BuildKit's alone
  return to.config;
}

function apply(to: Configured, text: string): void {
  if (text.trim() === "") return;
  const { instructions: changes, ...options } = parseInstructions(text, { file: "--change" });
  for (const each of changes) refuse(each);
  for (const each of changes) configureAt(to, expandInstruction(each, to.environment, options).instruction, each);
}

function configureAt(to: Configured, instruction: AnyInstruction, { location }: AnyInstruction): void {
  try {
    configure(to, instruction);
  } catch (error) {
    if (error instanceof EngineError) error.location ??= location;
    throw error;
  }
}

function refuse(instruction: AnyInstruction): void {
  if (specOf(instruction).change) return;
  const allowed = Object.values(instructions).flatMap(({ change, keyword }) => (change ? [keyword] : []));
  throw new EngineError("dockerfile", `${instruction.keyword} is not a valid change command`, {
    location: instruction.location,
    hint: `use one of ${allowed.sort().join(", ")}`,
  });
}
