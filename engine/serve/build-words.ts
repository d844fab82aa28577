/** Why a build failed, in the words and with the statuses of docker's classic builder, which scripts search for. Pure. */
import { EngineError, type ErrorCode } from "../errors.ts";

interface Failure {
  error: EngineError;
  /** Of the command that failed. */
  exitCode?: number;
}

/** What the classic builder says of the context, or of the whole, without a line of the Dockerfile. */
const rewordings: readonly (readonly [pattern: RegExp, code: ErrorCode, words: string])[] = [
  [
    /^"\/(.*)": not found$/s,
    "not-found",
    "COPY failed: file not found in build context or excluded by .dockerignore: stat $1: file does not exist",
  ],
  [/^cannot read Dockerfile "(.*)": no such file$/s, "system", "Cannot locate specified Dockerfile: $1"],
  [/^the Dockerfile cannot be empty$/, "invalid", "the Dockerfile (Dockerfile) cannot be empty"],
  [/^(target stage ".*" could not be found)$/s, "invalid", "$1"],
];

export function inOldWords(error: EngineError): Failure {
  const { message, location, details, exit } = error;
  const found = rewordings.find(([pattern]) => pattern.test(message));
  if (found) return { error: new EngineError(found[1], message.replace(found[0], found[2]), { cause: error }) };
  if (error.code === "dockerfile" && location) {
    const words = message.replace(/^unknown instruction "(.*)"$/s, "unknown instruction: $1");
    return { error: error.withExit(exit, `dockerfile parse error on line ${location.line}: ${words}`) };
  }
  const [, command] = /^process "(.*)" did not complete successfully: exit code: \d+$/s.exec(message) ?? [];
  const exitCode = details?.["exitCode"];
  if (command === undefined || typeof exitCode !== "number") return { error };
  return { error: error.withExit(exit, `The command '${command}' returned a non-zero code: ${exitCode}`), exitCode };
}
