/** Downloading a blob as a stream that survives broken connections: it goes on where it stopped (RFC 9110, Range). */
import { setTimeout as delay } from "node:timers/promises";
import { EngineError } from "../errors.ts";
import { type HttpResponse, isTransient } from "../http/request.ts";
import type { Descriptor } from "../image/types.ts";
import type { RegistryClient } from "./client.ts";

/** As docker: five attempts without progress, each after a longer pause. */
const attempts = 5;
/** Bytes that are progress: a byte for each attempt would go on for ever. */
const progress = 64 << 10;
const firstPause = 500;

interface BlobReading {
  onRetry?: (error: EngineError) => void;
  signal?: AbortSignal | undefined;
  /** The first byte that is wanted. */
  from?: number;
}

/**
 * Yields exactly `descriptor.size` bytes, or what follows `from`; the digest is checked by the consumer, in the same pass.
 * @throws EngineError `registry`, `registry-auth`, `not-found`, `corrupt` when the registry sends more or less
 */
export async function* readBlob(
  client: RegistryClient,
  descriptor: Descriptor,
  { onRetry, signal = client.signal, from = 0 }: BlobReading = {},
): AsyncGenerator<Buffer> {
  let received = from;
  for (let attempt = 1; received < descriptor.size || descriptor.size === 0; ) {
    const before = received;
    try {
      for await (const chunk of readFrom(client, descriptor, received, signal)) {
        received += chunk.length;
        if (received > descriptor.size)
          throw new EngineError("corrupt", `blob ${descriptor.digest} is longer than the ${descriptor.size} bytes its manifest says`);
        yield chunk;
      }
      if (received === descriptor.size) return;
      throw new EngineError("registry", `blob ${descriptor.digest} ended after ${received} of ${descriptor.size} bytes`, {
        details: { code: "ECONNRESET" },
      });
    } catch (error) {
      // Broken connections, timeouts and overloaded gateways pass; answers such as 404 do not.
      if (!(error instanceof EngineError) || !(isTransient(error) || isOverload(error))) throw error;
      attempt = received - before >= progress ? 1 : attempt + 1;
      if (attempt > attempts) throw error;
      onRetry?.(error);
      const pause = Math.max(firstPause * 2 ** (attempt - 1), Number(error.details?.["retryAfter"] ?? 0) * 1000);
      await delay(pause, undefined, { signal });
    }
  }
}

/** 502, 503 and 504 are a gateway's word for "not now"; 429 tells to come back later. */
export function isOverload(error: EngineError): boolean {
  return [429, 502, 503, 504].includes(Number(error.details?.["status"]));
}

/** Where in the blob an answer begins (RFC 9110, Content-Range). */
function beginOf({ status, headers }: HttpResponse, asked: number): number {
  return status === 200 ? 0 : Number(/^bytes (\d+)-/.exec(headers["content-range"] ?? "")?.[1] ?? asked);
}

async function* readFrom(
  client: RegistryClient,
  descriptor: Descriptor,
  offset: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
  const response = await client.call(`blobs/${descriptor.digest}`, { headers, ...(signal && { signal }) });
  if (response.status !== 200 && response.status !== 206) throw await client.refusal(response, `blob ${descriptor.digest}`);
  // A server that does not know ranges begins again, or earlier: what is known already is passed over.
  let skip = offset - beginOf(response, offset);
  if (skip < 0) throw new EngineError("registry", `cannot fetch blob ${descriptor.digest}: the registry left out a part of it`);
  for await (const chunk of response.body) {
    const used = Math.min(skip, chunk.length);
    skip -= used;
    if (used < chunk.length) yield used === 0 ? chunk : chunk.subarray(used);
  }
}
