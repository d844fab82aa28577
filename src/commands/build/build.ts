/** `berth build`: build an image from a Dockerfile, or say what can be said of it without building. */
import { lstatSync, unlinkSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { EngineError } from "../../../engine/errors.ts";
import { usersFileMode } from "../../umask.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { type Answer, askDockerfile, type Call, isFaulty, parseCall, presentAnswer } from "./call.ts";
import { flags } from "./flags.ts";
import { optionsOf } from "./options.ts";

const spec: CommandSpec<Answer> = command({
  summary: "Build an image from a Dockerfile",
  description:
    "Runs the instructions of the Dockerfile and keeps the result as an image. Steps whose instruction and inputs have not changed are taken from the cache. " +
    "PATH is the build context: the directory whose files COPY and ADD can use, less what its .dockerignore leaves out. With '-' a tar of the context, or a Dockerfile alone, is read from standard input; a URL of a tar or a git repository is fetched.",
  examples: [
    { line: "berth build -t myimage .", does: "Build ./Dockerfile with this directory as the context and name the result myimage:latest" },
    {
      line: "berth build -f docker/prod.Dockerfile --target app --build-arg VERSION=1.2 -t app:1.2 .",
      does: "Build one stage of another Dockerfile, with a build argument",
    },
    { line: "berth build --check .", does: "Check the Dockerfile against the build checks and build nothing" },
    { line: "berth build -o out .", does: "Write the files of the result into a directory instead of making an image" },
    { line: "echo 'FROM busybox' | berth build -", does: "Build a Dockerfile from standard input" },
  ],
  flags,
  args: [{ name: "PATH", subject: "directory", help: "Directory of the build context, or '-'" }],
  async *run(context, input) {
    const options = optionsOf(context, input);
    const call = callOf(input);
    if (call.method !== "build") return yield* askDockerfile(context.engine.builder, call, options);
    const at = (file: string) => resolve(context.io.cwd, file);
    forget(textOf(input, "iidfile"), at);
    const result = yield* context.engine.builder.build(options);
    writeResult(textOf(input, "iidfile"), result.ImageID ?? "", at);
    writeResult(textOf(input, "metadata-file"), `${JSON.stringify(result.Metadata, undefined, 2)}\n`, at);
    return result;
  },
  present(result, input) {
    if (!("Steps" in result)) return presentAnswer(result, callOf(input).format);
    return isSet(input, "quiet") && result.ImageID ? { kind: "lines", lines: [result.ImageID] } : { kind: "none" };
  },
  exitStatus: (result) => (isFaulty(result) ? 1 : 0),
});

function callOf(input: Input): Call {
  return parseCall(isSet(input, "check") ? "check" : (textOf(input, "call") ?? "build"), textOf(input, "format"));
}

/** A build that fails must not leave the id of an earlier one for the next command of a script. Pipes and links hold none. */
function forget(file: string | undefined, at: (file: string) => string): void {
  if (file === undefined || !lstatSync(at(file), { throwIfNoEntry: false })?.isFile()) return;
  try {
    unlinkSync(at(file));
  } catch (cause) {
    throw new EngineError("invalid", `cannot remove "${file}": ${(cause as Error).message}`, { cause, hint: "check the path" });
  }
}

function writeResult(file: string | undefined, text: string, at: (file: string) => string): void {
  if (file === undefined) return;
  try {
    writeFileSync(at(file), text, { mode: usersFileMode() });
  } catch (cause) {
    throw new EngineError("invalid", `cannot write "${file}": ${(cause as Error).message}`, {
      cause,
      hint: "the image was built; check the path",
    });
  }
}

export default spec;
