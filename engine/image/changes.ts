/**
 * `--change` of import and commit: Dockerfile instructions that only change the image's config. Words are those of the
 * Dockerfile reference; nothing is expanded, as the instructions come one by one from a command line.
 */
import { EngineError } from "../errors.ts";
import type { ImageConfig } from "./types.ts";

type Config = NonNullable<ImageConfig["config"]>;
type Apply = (config: Config, rest: string) => void;

/**
 * Applies instructions to a config, in order.
 * @throws EngineError `invalid` for an instruction that is unknown, malformed, or changes more than the config
 */
export function applyChanges(config: Config, changes: readonly string[]): Config {
  const result = structuredClone(config);
  let isCommandSet = false;
  for (const change of changes) {
    const [, word = "", rest = ""] = /^\s*(\S+)\s*([\s\S]*?)\s*$/.exec(change) ?? [];
    const apply = appliers[word.toUpperCase()];
    if (!apply) throw new EngineError("invalid", `invalid change "${change}": ${word} is not one of ${Object.keys(appliers).join(", ")}`);
    if (rest === "") throw new EngineError("invalid", `invalid change "${change}": ${word.toUpperCase()} needs an argument`);
    apply(result, rest);
    isCommandSet ||= apply === appliers["CMD"];
    // docker: the arguments of one program are not those of another.
    if (apply === appliers["ENTRYPOINT"] && !isCommandSet) delete result.Cmd;
  }
  return result;
}

const defaultShell = ["/bin/sh", "-c"];

const appliers: Record<string, Apply> = {
  CMD: (config, rest) => void (config.Cmd = jsonWords(rest) ?? [...(config.Shell ?? defaultShell), rest]),
  ENTRYPOINT: (config, rest) => void (config.Entrypoint = jsonWords(rest) ?? [...(config.Shell ?? defaultShell), rest]),
  ENV: (config, rest) => {
    for (const [name, value] of pairs(rest)) {
      const others = (config.Env ?? []).filter((each) => !each.startsWith(`${name}=`));
      const at = (config.Env ?? []).findIndex((each) => each.startsWith(`${name}=`));
      config.Env = at < 0 ? [...others, `${name}=${value}`] : others.toSpliced(at, 0, `${name}=${value}`);
    }
  },
  EXPOSE: (config, rest) => {
    for (const word of words(rest)) config.ExposedPorts = { ...config.ExposedPorts, ...exposed(word) };
  },
  LABEL: (config, rest) => {
    for (const [name, value] of pairs(rest)) config.Labels = { ...config.Labels, [name]: value };
  },
  ONBUILD: (config, rest) => void (config.OnBuild = [...(config.OnBuild ?? []), rest]),
  STOPSIGNAL: (config, rest) => void (config.StopSignal = rest),
  USER: (config, rest) => void (config.User = rest),
  VOLUME: (config, rest) => {
    for (const path of jsonWords(rest) ?? words(rest)) config.Volumes = { ...config.Volumes, [path]: {} };
  },
  WORKDIR: (config, rest) =>
    void (config.WorkingDir = rest.startsWith("/") ? rest : `${config.WorkingDir?.replace(/\/$/, "") ?? ""}/${rest}`),
  HEALTHCHECK: (config, rest) => {
    if (rest.toUpperCase() === "NONE") config.Healthcheck = { Test: ["NONE"] };
    else {
      const [, command = ""] = /^CMD\s+([\s\S]+)$/i.exec(rest) ?? [];
      if (!command) throw new EngineError("invalid", `invalid change "HEALTHCHECK ${rest}": write CMD and a command, or NONE`);
      const exec = jsonWords(command);
      config.Healthcheck = { Test: exec ? ["CMD", ...exec] : ["CMD-SHELL", command] };
    }
  },
};

/** A JSON array of strings; undefined for anything else, which is then a shell command. */
function jsonWords(text: string): string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}

/** "80", "80/udp", "8000-8010" */
function exposed(word: string): Record<string, object> {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(word);
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? from);
  if (!match || from < 1 || to > 65535 || to < from) throw new EngineError("invalid", `invalid change "EXPOSE ${word}": not a port`);
  const protocol = (match[3] ?? "tcp").toLowerCase();
  return Object.fromEntries(Array.from({ length: to - from + 1 }, (_, index) => [`${from + index}/${protocol}`, {}]));
}

/** Words with quotes and backslashes taken away. */
function words(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g)].map(([word]) => unquote(word));
}

function unquote(word: string): string {
  return word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, double?: string, single?: string, escaped?: string) => {
    if (double !== undefined) return double.replace(/\\(["\\$])/g, "$1");
    return single ?? escaped ?? "";
  });
}

/** "a=b c='d e'", or the old form "name the whole rest". */
function pairs(text: string): [string, string][] {
  const [first = ""] = text.split(/\s/);
  if (!first.includes("=")) {
    const space = text.search(/\s/);
    if (space < 0) throw new EngineError("invalid", `invalid change: "${text}" has no value`);
    return [[text.slice(0, space), text.slice(space).trim()]];
  }
  return words(text).map((word) => {
    const equals = word.indexOf("=");
    if (equals <= 0) throw new EngineError("invalid", `invalid change: "${word}" is not NAME=VALUE`);
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
}
