/**
 * What a runtime says when it cannot start a process, turned into berth's errors: a command that does not exist or
 * cannot be executed is the user's business (127, 126, as docker), anything else is the runtime's failure.
 */
import { readFileSync } from "node:fs";
import { EngineError } from "../errors.ts";

/** The last error of a runtime's JSON log; undefined when it wrote none. */
export function loggedError(log: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(log, "utf8");
  } catch {
    return undefined;
  }
  for (const line of text.trim().split("\n").toReversed()) {
    try {
      const { level, msg } = JSON.parse(line) as { level?: string; msg?: string };
      if (msg && (level === "error" || level === "fatal")) return msg;
    } catch {
      // a line cut short by a crash of the runtime
    }
  }
  return undefined;
}

/** The command of a bundle. */
export function commandOf(bundle: string): string | undefined {
  const { process } = JSON.parse(readFileSync(`${bundle}/config.json`, "utf8")) as { process?: { args?: string[] } };
  return process?.args?.[0];
}

/** What runc puts before the cause: which of its own commands failed, and that it meant to start a process. */
const wrapping = /^(?:(?:run|create|exec|start) failed: )?(?:unable to start container process: )?/;

/** crun's and runc's words for a working directory that is missing, or no directory. */
const noDirectory = /(^|: )(chdir `|chdir to cwd |mkdir cwd).*(no such file|not a directory)/i;

/** The same for a mount of a directory upon a file, or the other way round; docker adds the question. */
const kindsDiffer = /(^mount `|error mounting ).*not a directory$/i;
const onWhat =
  "Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type";

/** runc's words, crun having one wording for both: PATH has nothing to do with a file that is named by its path. */
const whereMissing = (file: string) =>
  file.includes("/") ? `stat ${file}: no such file or directory` : "executable file not found in $PATH";

/** Exit status of the hook that looks at mounts once more (`container/spec/mount-places.ts`): no runtime's own. */
export const movedStatus = 83;

/**
 * @param message the runtime's own words
 * @param command the first word of what was to be started, which crun leaves out
 */
export function runtimeFailure(message: string, verb = "start the container", command = ""): EngineError {
  const text = message
    .replace(/^open executable: (.*)/, (_, cause: string) => `exec: "${command}": ${cause.toLowerCase()}`)
    .replace(/^(exec: ".*": )operation not permitted$/, "$1permission denied") // crun's of a directory
    .replace(/^executable file `(.*)` not found in \$PATH: .*/s, (_, file: string) => `exec: "${file}": ${whereMissing(file)}`)
    .replace(/^exec: "": .*/, 'exec: "": executable file not found in $PATH')
    .replace(/^(runc|crun|container_linux\.go:\d+:)\s*/, "")
    .replace(wrapping, "")
    .trim();
  const missing =
    /executable file not found|exec: ".*": stat .*: no such file|executable file `.*` not found|exec.*no such file or directory|exec .*: no such file/i;
  const denied = /permission denied|is a directory|exec format error|exec.*operation not permitted/i;
  const isExec = /exec/i.test(text);
  if (text.includes(`hook`) && new RegExp(`exit (code:|status) ${movedStatus}\\b`).test(text))
    return new EngineError("runtime-failed", `cannot ${verb}: another one moved the place of a mount while it started`, {
      hint: "two mounts, one below the other in a volume that others write to: try again, or mount them side by side",
    });
  if (noDirectory.test(text))
    return new EngineError("runtime-failed", `cannot ${verb}: ${text}`, {
      exit: /not a directory/i.test(text) ? 126 : 127, // docker's, and what a file is no command as, either
      hint: "give a working directory that exists in the container",
    });
  if (kindsDiffer.test(text))
    return new EngineError("runtime-failed", `cannot ${verb}: ${text}: ${onWhat}`, {
      hint: "a bind mount's source is made as a directory when it is missing",
    });
  if (missing.test(text)) return new EngineError("command-not-found", `cannot ${verb}: ${text}`);
  if (isExec && denied.test(text)) return new EngineError("command-not-executable", `cannot ${verb}: ${text}`);
  return new EngineError("runtime-failed", `cannot ${verb}: ${text}`);
}
