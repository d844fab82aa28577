/** How a build's failure is told over gRPC: docker's clients show the message, and an excerpt of the Dockerfile from the details. */
import type { EngineError, SourceLocation } from "../../errors.ts";
import { type GrpcFailure, grpcCodes } from "../../http/grpc.ts";
import { rpcStatus } from "./messages.ts";

/** Of a build's failures clients show all but "unknown" in front of the message. */
function codeOf({ code, details }: EngineError): number {
  if (code === "cancelled") return grpcCodes.cancelled;
  return details?.["grpc"] === grpcCodes.unimplemented ? grpcCodes.unimplemented : grpcCodes.unknown;
}

export function failureOf(error: EngineError): GrpcFailure {
  const { location, code: kind, message: cause, hint } = error;
  const code = codeOf(error);
  const message = messageOf(kind, cause, location, hint);
  const details = location?.source === undefined ? undefined : rpcStatus.encode({ code, message, details: [sourceOf(location)] });
  return { code, message, ...(details && { details }) };
}

function messageOf(code: EngineError["code"], message: string, location: SourceLocation | undefined, hint: string): string {
  if (code === "cancelled") return "context canceled";
  if (code === "unsupported") return `${message} (${hint})`;
  return code === "dockerfile" && location && !/^"|^failed|not found/.test(message)
    ? `dockerfile parse error on line ${location.line}: ${message}`
    : message;
}

/** solver/errdefs/errdefs.proto, Source: details of BuildKit's errors are JSON. */
function sourceOf({ file, line, endLine = line, source = "" }: SourceLocation) {
  const info = { filename: file, data: Buffer.from(source).toString("base64"), language: "Dockerfile" };
  const value = { info, ranges: [{ start: { line }, end: { line: endLine } }] };
  return { type_url: "github.com/moby/buildkit/errdefs.Source+json", value: Buffer.from(JSON.stringify(value)) };
}
