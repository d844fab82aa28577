/** Answers in docker's words: statuses of errors, and the headers that every answer has. */
import { release } from "node:os";
import { type EngineError, toEngineError } from "../errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Answer } from "./route.ts";
import { current } from "./versions.ts";

/** @param version berth's */
export function commonHeaders(version: string): Record<string, string> {
  return {
    "Api-Version": current,
    "Docker-Experimental": "false",
    Ostype: "linux",
    Server: `Docker/${version} (linux; berth; ${release()})`,
  };
}

/** Docker's daemon knows no more statuses than these: what else failed is 500. */
function statusOf({ code, http }: EngineError): number {
  if (code === "registry-auth") return 404; // "pull access denied … repository does not exist or may require 'docker login'"
  return [400, 403, 404, 409, 501].includes(http) ? http : 500;
}

/** What docker's daemon says in other words, by which clients choose a status and scripts search. */
const rewordings: readonly (readonly [RegExp, string])[] = [
  [/^invalid reference format: ".*": (repository name .* must be lowercase)$/, "invalid reference format: $1"],
  [
    /^cannot start the container: (?=exec: |chdir|.*cwd)/,
    "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ",
  ],
  [/^cannot execute ".*?": (?=exec: |chdir|.*cwd)/, "OCI runtime exec failed: exec failed: unable to start container process: "],
];

export function messageOf({ message }: Error): string {
  const reworded = rewordings.find(([pattern]) => pattern.test(message));
  return reworded ? message.replace(...reworded) : message;
}

/** Where docker's daemon does not say that something is in the way, but that it is forbidden. */
export async function forbidden<T>(doing: Promise<T>): Promise<T | Answer> {
  try {
    return await doing;
  } catch (thrown) {
    const error = toEngineError(thrown);
    if (error.http !== 409) throw error;
    return { status: 403, value: { message: error.message } };
  }
}

export function errorAnswer(thrown: unknown): Answer {
  const error = toEngineError(thrown);
  return { status: statusOf(error), value: { message: messageOf(error) } };
}

export function send(exchange: Exchange, { status, value, text, headers = {} }: Answer): void {
  if (value !== undefined) exchange.answer(status, { "Content-Type": "application/json", ...headers }, `${toJson(value)}\n`);
  else exchange.answer(status, { ...(text && { "Content-Type": "text/plain; charset=utf-8" }), ...headers }, text);
}

export const toJson = (value: unknown): string => JSON.stringify(value);
