/** What goes wrong, in the registry's words (distribution-spec, "Error Codes"): one table of codes, and an error that carries one. */
import { EngineError, type ErrorCode, toEngineError } from "../../../errors.ts";

interface ProblemKind {
  status: number;
  /** The engine's code for the same. */
  engine: ErrorCode;
}

const problemKinds = {
  BLOB_UNKNOWN: { status: 404, engine: "not-found" },
  BLOB_UPLOAD_INVALID: { status: 400, engine: "invalid" },
  BLOB_UPLOAD_UNKNOWN: { status: 404, engine: "not-found" },
  DIGEST_INVALID: { status: 400, engine: "invalid" },
  MANIFEST_BLOB_UNKNOWN: { status: 404, engine: "not-found" },
  MANIFEST_INVALID: { status: 400, engine: "invalid" },
  MANIFEST_UNKNOWN: { status: 404, engine: "not-found" },
  NAME_INVALID: { status: 400, engine: "invalid" },
  NAME_UNKNOWN: { status: 404, engine: "not-found" },
  SIZE_INVALID: { status: 400, engine: "invalid" },
  UNAUTHORIZED: { status: 401, engine: "registry-auth" },
  DENIED: { status: 403, engine: "permission" },
  UNSUPPORTED: { status: 405, engine: "unsupported" },
  UNKNOWN: { status: 502, engine: "registry" },
  TOOMANYREQUESTS: { status: 429, engine: "in-use" },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemKinds;

interface ProblemOptions {
  /** Instead of the code's. */
  status?: number;
  headers?: Record<string, string>;
  /** For the client's program. */
  detail?: unknown;
  cause?: unknown;
}

interface ProblemDetails extends Record<string, unknown> {
  problem: ProblemCode;
  status: number;
  headers: Record<string, string>;
  detail?: unknown;
}

export function problem(code: ProblemCode, message: string, { status, headers = {}, detail, cause }: ProblemOptions = {}): EngineError {
  const kind = problemKinds[code];
  const details: ProblemDetails = { problem: code, status: status ?? kind.status, headers, ...(detail !== undefined && { detail }) };
  return new EngineError(kind.engine, message, { details, ...(cause !== undefined && { cause }) });
}

export interface ProblemAnswer {
  status: number;
  headers: Record<string, string>;
  body: { errors: { code: string; message: string; detail?: unknown }[] };
}

/** Statuses of what can happen beside the table; else 500. */
const otherStatuses: Partial<Record<ErrorCode, number>> = { "no-space": 507, cancelled: 499, timeout: 408 };

/** Anything that was thrown, as an answer. A fault of ours says no more than that it is one: messages of the system name paths. */
export function answerOfProblem(thrown: unknown): ProblemAnswer {
  const error = toEngineError(thrown);
  const details = error.details as ProblemDetails | undefined;
  if (details?.problem) {
    const { problem: code, status, headers, detail } = details;
    return { status, headers, body: { errors: [{ code, message: error.message, ...(detail !== undefined && { detail }) }] } };
  }
  const status = otherStatuses[error.code] ?? 500;
  const message = status === 507 ? "no space left in the registry's directory" : status === 408 ? error.message : "internal error";
  return { status, headers: {}, body: { errors: [{ code: "UNKNOWN", message }] } };
}
