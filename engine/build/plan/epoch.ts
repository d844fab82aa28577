/** SOURCE_DATE_EPOCH, by which an image is the same whenever it is made: the build argument, or the Dockerfile's default for it. Pure. */
import type { Dockerfile } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import { hostPlatform } from "../../platform.ts";
import type { BuildOptions } from "../index.ts";
import { globalArgsOf } from "./plan.ts";
import { platformArgs } from "./platform.ts";

const name = "SOURCE_DATE_EPOCH";

/**
 * @returns seconds since the epoch, when there is one, and the options as the build goes on with them: "context" is the time of one
 * that came over the network, and none of a directory
 * @param date of the context, seconds
 * @throws EngineError `invalid`
 */
export function dateOf(parsed: Dockerfile, options: BuildOptions, date?: number): { epoch?: number; options: BuildOptions } {
  const text = textOf(parsed, options);
  if (text === "") return { options };
  if (/^\d{1,12}$/.test(text)) return { epoch: Number(text), options };
  if (text === "context") {
    const buildArgs = { ...options.buildArgs, [name]: date === undefined ? "" : String(date) };
    return { ...(date !== undefined && { epoch: date }), options: { ...options, buildArgs } };
  }
  throw new EngineError("invalid", `invalid ${name}: ${text}`, { hint: "give seconds since 1970, or nothing" });
}

function textOf(parsed: Dockerfile, { buildArgs = {}, target }: BuildOptions): string {
  const given = buildArgs[name];
  if (given !== undefined) return given;
  if (!parsed.metaArgs.some(({ args }) => args.some(({ key }) => key === name))) return "";
  const asking = { buildArgs, platformArgs: platformArgs(hostPlatform()), ...(target !== undefined && { target }) };
  return globalArgsOf(parsed, asking).get(name) ?? "";
}
