/**
 * The one error class and the one table of error codes. Every failure a user can see is an `EngineError`; anything else
 * that escapes is a bug. A code holds all about its kind: the default hint, the exit status for the shell (docker's
 * conventions: 125 the engine failed, 126 the command cannot run, 127 the command was not found, 1 everything else)
 * and the HTTP status for the API to come. Texts are written where the error is thrown:
 * verb + quoted object + system cause.
 */

interface ErrorKind {
  /** What the user can do about it; an error may bring a more precise one. */
  hint: string;
  /** Exit status of the shell face. */
  exit: number;
  /** Status an HTTP API answers with. */
  http: number;
}

export const errorKinds = {
  usage: { hint: "see 'berth help COMMAND' for the flags and arguments", exit: 125, http: 400 },
  invalid: { hint: "correct the value and try again", exit: 1, http: 400 },
  "not-found": { hint: "list what exists with 'berth ps -a', 'berth images', 'berth volume ls' or 'berth network ls'", exit: 1, http: 404 },
  ambiguous: { hint: "give more characters of the id, or the full name", exit: 1, http: 400 },
  conflict: { hint: "stop or remove what is in the way, or choose another name", exit: 1, http: 409 },
  "not-running": { hint: "start it first with 'berth start'", exit: 1, http: 409 },
  "in-use": { hint: "remove what uses it first, or force with -f", exit: 1, http: 409 },
  "port-in-use": { hint: "choose another host port, or stop what listens on it", exit: 125, http: 409 },
  dockerfile: { hint: "see the Dockerfile reference for the instruction", exit: 1, http: 400 },
  "build-step": { hint: "read the step's output above", exit: 1, http: 500 },
  compose: { hint: "see the Compose Specification for the element", exit: 1, http: 400 },
  syntax: { hint: "see 'berth help repl' for the language", exit: 2, http: 400 },
  "command-failed": { hint: "read what it printed", exit: 1, http: 500 },
  expectation: { hint: "the condition did not come true in time", exit: 1, http: 500 },
  "command-not-executable": { hint: "check the file's mode and format inside the image", exit: 126, http: 400 },
  "command-not-found": { hint: "check the path, and PATH inside the image", exit: 127, http: 400 },
  registry: { hint: "check the reference, the registry's address and your credentials", exit: 1, http: 502 },
  "registry-auth": { hint: "log in to the registry, or check that the repository exists", exit: 1, http: 401 },
  untrusted: { hint: "see its signatures with 'berth verify', or change the policy", exit: 77, http: 403 },
  corrupt: { hint: "remove the damaged object and fetch or build it again", exit: 1, http: 500 },
  archive: { hint: "the archive is damaged or not of the expected kind", exit: 1, http: 400 },
  "runtime-failed": { hint: "run 'berth doctor' to see what this host can do", exit: 125, http: 500 },
  "runtime-missing": { hint: "install runc or crun; 'berth doctor' names the package", exit: 125, http: 500 },
  unsupported: { hint: "run 'berth doctor' to see what this host can do", exit: 125, http: 501 },
  permission: { hint: "run as root", exit: 125, http: 403 },
  system: { hint: "run 'berth doctor' to see what this host can do", exit: 125, http: 500 },
  "no-space": { hint: "free space on the state directory's file system, for instance with 'berth system prune'", exit: 125, http: 507 },
  network: { hint: "run 'berth doctor' to see what this host can do", exit: 125, http: 500 },
  state: { hint: "check that the state directory is writable; 'berth doctor' names it", exit: 125, http: 500 },
  timeout: { hint: "try again, or allow more time", exit: 1, http: 504 },
  cancelled: { hint: "nothing was left behind; run the command again to retry", exit: 130, http: 499 },
  internal: { hint: "this is a bug in berth: please report it with the command that caused it", exit: 125, http: 500 },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** Where in a user's text an error lies; lines and columns count from 1. */
export interface SourceLocation {
  file: string;
  line: number;
  column: number;
  /** Last line of the range, when it spans several. */
  endLine?: number;
  /** The whole source, so that a face can show an excerpt with a caret. */
  source?: string;
  /** What led there, the innermost first. */
  through?: readonly Passage[];
}

/** A place in a text that led into another: a call, a file that was read. */
export interface Passage {
  file: string;
  line: number;
  column: number;
  /** What was entered there: "func deploy", "source lib.berth". */
  into: string;
}

export interface EngineErrorOptions {
  cause?: unknown;
  /** Replaces the kind's hint. */
  hint?: string;
  /** Replaces the kind's exit status. */
  exit?: number;
  location?: SourceLocation;
  /** "did you mean …?" */
  suggestion?: string;
  /** Machine-readable facts for JSON output. */
  details?: Record<string, unknown>;
}

/** The only error that leaves the engine and the commands. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code: ErrorCode;
  readonly hint: string;
  readonly exit: number;
  readonly http: number;
  readonly suggestion: string | undefined;
  readonly details: Record<string, unknown> | undefined;
  location: SourceLocation | undefined;

  constructor(code: ErrorCode, message: string, options: EngineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const kind: ErrorKind = errorKinds[code];
    this.code = code;
    this.hint = options.hint ?? kind.hint;
    this.exit = options.exit ?? kind.exit;
    this.http = kind.http;
    this.suggestion = options.suggestion;
    this.location = options.location;
    this.details = options.details;
  }

  /** The same error for a command that ends with another status, or says it in other words. */
  withExit(exit: number, message = this.message): EngineError {
    const { code, hint, cause, location, suggestion, details } = this;
    return new EngineError(code, message, { hint, cause, location, suggestion, details, exit });
  }
}

const systemCodes: Record<string, ErrorCode> = {
  ENOSPC: "no-space",
  EDQUOT: "no-space",
  EROFS: "state",
  EACCES: "permission",
  EPERM: "permission",
};

/**
 * Turns whatever was thrown into an EngineError: an EngineError passes through, an aborted signal's reason is `cancelled`, a system
 * error keeps its errno and gets the fitting code, anything else is `internal`.
 * @param doing verb and object, for instance `cannot write "/var/lib/berth/berth.db"`
 */
export function toEngineError(error: unknown, doing?: string): EngineError {
  if (error instanceof EngineError) return error;
  const known = error as NodeJS.ErrnoException;
  if (known?.name === "AbortError" || known?.name === "TimeoutError") return new EngineError("cancelled", "cancelled", { cause: error });
  const text = error instanceof Error ? error.message : String(error);
  const message = doing ? `${doing}: ${text}` : text;
  if (known?.code && known.syscall) return new EngineError(systemCodes[known.code] ?? "system", message, { cause: error });
  return new EngineError(doing ? "system" : "internal", message, { cause: error });
}
