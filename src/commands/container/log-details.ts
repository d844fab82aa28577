/** What `logs --details` puts before each line: the attributes that `--log-opt` names, as docker's json-file driver has them. */
import { EngineError } from "../../../engine/errors.ts";
import type { ContainerInspect } from "../../../engine/index.ts";

type Pairs = Record<string, string>;

/** "a=1,b=two+words": sorted, and escaped as in the query of a URL. */
export async function logDetails({ Id, Name, Image, Path, Args, Config, HostConfig }: ContainerInspect): Promise<string> {
  const options = HostConfig.LogConfig?.Config ?? {};
  const environment = Object.fromEntries((Config.Env ?? []).map((line) => line.split(/=(.*)/s).slice(0, 2)) as [string, string][]);
  const chosen: Pairs = {
    ...pick(Config.Labels ?? {}, options["labels"], options["labels-regex"]),
    ...pick(environment, options["env"], options["env-regex"]),
  };
  if (options["tag"]) {
    const { compileTemplate } = await import("../../format/template/index.ts");
    chosen["tag"] = compileTemplate(options["tag"])({
      ID: Id.slice(0, 12),
      FullID: Id,
      Name: Name.replace(/^\//, ""),
      ImageID: Image.replace("sha256:", "").slice(0, 12),
      ImageFullID: Image,
      ImageName: Config.Image,
      Command: [Path, ...Args].join(" "),
      DaemonName: "docker",
    });
  }
  const pairs = Object.entries(chosen).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.map(([key, value]) => `${queryEscape(key)}=${queryEscape(value)}`).join(",");
}

/** Those that a list names, and those whose names match. */
function pick(from: Pairs, list = "", pattern = ""): Pairs {
  const names = list.split(",");
  const matching = pattern === "" ? undefined : expression(pattern);
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name) || matching?.test(name)));
}

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (cause) {
    throw new EngineError("invalid", `cannot read the log option "${pattern}": ${(cause as Error).message}`, { cause });
  }
}

/** Go's url.QueryEscape. */
function queryEscape(text: string): string {
  const percent = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, percent)
    .replaceAll("%20", "+");
}
