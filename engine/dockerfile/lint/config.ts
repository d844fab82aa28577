/** The options of `# check=` (build checks reference, "Configure checks"): which rules to skip, to try, and whether to fail. */
import { EngineError, type SourceLocation } from "../../errors.ts";

export interface CheckConfig {
  skipAll: boolean;
  skip: Set<string>;
  experimentalAll: boolean;
  experimental: Set<string>;
  /** Violations fail the build. */
  error: boolean;
}

const truths: Record<string, boolean> = {
  "1": true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  "0": false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

/** @throws EngineError located at the directive for options that are none */
export function parseCheckConfig(text: string, location?: SourceLocation): CheckConfig {
  const config: CheckConfig = { skipAll: false, skip: new Set(), experimentalAll: false, experimental: new Set(), error: false };
  for (const part of text.trim() === "" ? [] : text.split(";")) {
    const equals = part.indexOf("=");
    const key = (equals === -1 ? part : part.slice(0, equals)).trim();
    const value = part.slice(equals + 1).trim();
    if (equals === -1 || !["skip", "experimental", "error"].includes(key))
      throw invalid(`invalid check option ${JSON.stringify(equals === -1 ? part : key)}`, location);
    if (key === "error") {
      if (!Object.hasOwn(truths, value))
        throw invalid(`failed to parse check option ${JSON.stringify(part)}: ${JSON.stringify(value)} is no boolean`, location);
      config.error = truths[value]!;
    } else if (value === "all") {
      config[key === "skip" ? "skipAll" : "experimentalAll"] = true;
    } else {
      config[key as "skip" | "experimental"] = new Set(value.split(",").map((rule) => rule.trim()));
    }
  }
  return config;
}

/** Undefined for what are no options: a comment's, which may be words. */
export function tryConfig(text: string): CheckConfig | undefined {
  try {
    return parseCheckConfig(text);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

/** What a comment adds to the file's options; whether findings fail a build is the file's alone. */
export function mergeConfigs(file: CheckConfig, own: CheckConfig): CheckConfig {
  return {
    skipAll: file.skipAll || own.skipAll,
    skip: new Set([...file.skip, ...own.skip]),
    experimentalAll: file.experimentalAll || own.experimentalAll,
    experimental: new Set([...file.experimental, ...own.experimental]),
    error: file.error,
  };
}

function invalid(message: string, location: SourceLocation | undefined): EngineError {
  return new EngineError("dockerfile", message, { location, hint: "write for instance # check=skip=JSONArgsRecommended;error=true" });
}
