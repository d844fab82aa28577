/** One lint case: a folder with a Dockerfile, perhaps a `dockerignore` and `options.json`, and expected.json. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDockerignore } from "../../../engine/dockerfile/dockerignore.ts";
import { type BaseImage, checkDockerfile, type LintOptions } from "../../../engine/dockerfile/lint/index.ts";

interface CaseOptions extends Pick<LintOptions, "buildArgs" | "target" | "check" | "berth"> {
  /** Known base images by reference. */
  bases?: Record<string, BaseImage>;
}

/** "line rule: message", and the error if there is one. */
export function lintCase(folder: string): string[] {
  const path = (file: string) => join(folder, file);
  const options: CaseOptions = existsSync(path("options.json")) ? JSON.parse(readFileSync(path("options.json"), "utf8")) : {};
  const ignore = existsSync(path("dockerignore")) ? parseDockerignore(readFileSync(path("dockerignore"), "utf8")) : undefined;
  const { findings, error, violation } = checkDockerfile(readFileSync(path("Dockerfile"), "utf8"), {
    file: "Dockerfile",
    platform: "linux/amd64",
    berth: false,
    base: (image) => options.bases?.[image],
    ...(ignore ? { ignored: (source: string) => ignore.matches(source) } : {}),
    ...options,
  });
  const lines = findings.map(({ line, rule, message }) => `${line} ${rule}: ${message}`);
  for (const each of [error, violation]) if (each) lines.push(`${each.location?.line} error: ${each.message}`);
  return lines;
}
