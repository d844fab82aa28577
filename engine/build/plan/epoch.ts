/**
 * SOURCE_DATE_EPOCH, by which an image is the same whenever it is made: the build argument, or the Dockerfile's default for it. It may
 * name what dates the build instead (BuildKit, "Build reproducibility"): nothing is fetched here.
 */
import { expandInstruction } from "../../dockerfile/index.ts";
import { isRemoteSource } from "../../dockerfile/remote-source.ts";
import type { Dockerfile, InstructionOf, Stage } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import { hostPlatform } from "../../platform.ts";
import type { BuildOptions } from "../index.ts";
import { globalArgsOf, located } from "./plan.ts";
import { platformArgs } from "./platform.ts";

const name = "SOURCE_DATE_EPOCH";

/** When what dates a build was made: seconds since 1970, undefined of what does not say. */
export interface Dates {
  /** The build's context. */
  context?: number;
  /** Names given by --build-context, in lower case: they go before stages. */
  contexts: ReadonlySet<string>;
  named(context: string): Promise<number | undefined>;
  /** @param checksum what ADD says that it must be */
  remote(address: string, checksum?: string): Promise<number | undefined>;
}

/**
 * @returns seconds since the epoch, when there is one, and the options as the build goes on with them: what stood for a time has become
 * one, or nothing
 * @throws EngineError `invalid`; `dockerfile` for a stage that is more than one fetched source
 */
export async function dateOf(parsed: Dockerfile, options: BuildOptions, dates: Dates): Promise<{ epoch?: number; options: BuildOptions }> {
  const text = textOf(parsed, options);
  if (text === "") return { options };
  if (/^\d{1,12}$/.test(text)) return { epoch: Number(text), options };
  const date = await dateBy(text, parsed, options, dates);
  const buildArgs = { ...options.buildArgs, [name]: date === undefined ? "" : String(date) };
  return { ...(date !== undefined && { epoch: date }), options: { ...options, buildArgs } };
}

async function dateBy(text: string, parsed: Dockerfile, options: BuildOptions, dates: Dates): Promise<number | undefined> {
  if (text === "context") return dates.context;
  const wanted = text.toLowerCase();
  if (dates.contexts.has(wanted)) return dates.named(wanted);
  const stage = parsed.stages.find((each) => each.name === wanted);
  if (!stage) {
    const hint = "give seconds since 1970, context, or the name of a stage that fetches one source";
    throw new EngineError("invalid", `invalid ${name}: ${text}`, { hint });
  }
  const { source, checksum } = located(stage.location, () => sourceOf(stage, parsed, options));
  return dates.remote(source, checksum);
}

/** A stage that dates a build has nothing but a remote ADD, and the ARGs for its address. */
function sourceOf(stage: Stage, parsed: Dockerfile, options: BuildOptions): { source: string; checksum?: string } {
  const { buildArgs = {} } = options;
  const how = { escape: parsed.directives.escape, override: (key: string) => buildArgs[key] };
  const values = globalsOf(parsed, options);
  values.delete(name);
  if (expandInstruction(stage.from, values, how).instruction.image !== "scratch") refuse("stage must use FROM scratch");
  let add: InstructionOf<"add"> | undefined;
  for (const instruction of stage.instructions) {
    if (instruction.kind === "arg") {
      for (const { key, value } of expandInstruction(instruction, values, how).instruction.args)
        if (value !== undefined) values.set(key, value);
    } else if (instruction.kind === "add") {
      if (add) refuse("stage must contain exactly one remote ADD");
      add = expandInstruction(instruction, values, how).instruction;
    } else refuse(`stage does not meet source-only requirements: unsupported ${instruction.keyword.toLowerCase()} instruction`);
  }
  if (!add) refuse("stage must contain exactly one remote ADD");
  const [source = "", ...more] = add.sources;
  if (more.length > 0 || add.inline.length > 0) refuse("stage must contain exactly one remote ADD source");
  if (!isRemoteSource(source)) refuse("stage source must be a single HTTP(S) or Git ADD");
  return { source, ...(add.checksum && { checksum: add.checksum }) };
}

function refuse(why: string): never {
  const hint = "what dates a build is a stage FROM scratch with one ADD of a URL or a git repository";
  throw new EngineError("dockerfile", `${name} ${why}`, { hint });
}

function textOf(parsed: Dockerfile, options: BuildOptions): string {
  const given = options.buildArgs?.[name];
  if (given !== undefined) return given;
  if (!parsed.metaArgs.some(({ args }) => args.some(({ key }) => key === name))) return "";
  return globalsOf(parsed, options).get(name) ?? "";
}

function globalsOf(parsed: Dockerfile, { buildArgs = {}, target }: BuildOptions): Map<string, string> {
  return globalArgsOf(parsed, { buildArgs, platformArgs: platformArgs(hostPlatform()), ...(target !== undefined && { target }) });
}
