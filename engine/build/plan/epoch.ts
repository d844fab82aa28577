/** SOURCE_DATE_EPOCH, by which an image is the same whenever it is made: the build argument, or the Dockerfile's default for it. Pure. */
import { isRemoteContext } from "../../dockerfile/remote-source.ts";
import type { Dockerfile } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import { hostPlatform } from "../../platform.ts";
import type { BuildOptions } from "../index.ts";
import { globalArgsOf } from "./plan.ts";
import { platformArgs } from "./platform.ts";

const name = "SOURCE_DATE_EPOCH";

/**
 * @returns seconds since the epoch, when there is one, and the options as the build goes on with them: "context" is the time of a remote
 * one, and none of a directory
 * @throws EngineError `invalid`
 */
export function dateOf(parsed: Dockerfile, options: BuildOptions): { epoch?: number; options: BuildOptions } {
  const text = textOf(parsed, options);
  if (text === "") return { options };
  if (/^\d{1,12}$/.test(text)) return { epoch: Number(text), options };
  if (text === "context" && !isRemoteContext(options.context))
    return { options: { ...options, buildArgs: { ...options.buildArgs, [name]: "" } } };
  throw new EngineError("invalid", `invalid ${name}: ${text}`, { hint: "give seconds since 1970, or nothing" });
}

function textOf(parsed: Dockerfile, { buildArgs = {}, target }: BuildOptions): string {
  const given = buildArgs[name];
  if (given !== undefined) return given;
  if (!parsed.metaArgs.some(({ args }) => args.some(({ key }) => key === name))) return "";
  const asking = { buildArgs, platformArgs: platformArgs(hostPlatform()), ...(target !== undefined && { target }) };
  return globalArgsOf(parsed, asking).get(name) ?? "";
}
