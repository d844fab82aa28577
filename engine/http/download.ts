/** Files that are fetched by HTTP: contexts, sources of ADD, archives to import. */
import { EngineError } from "../errors.ts";
import { type HttpResponse, request } from "./request.ts";

/**
 * Opens a URL. An answer that was packed for the way (`Content-Encoding: gzip`) is unpacked, as BuildKit's client does.
 * @throws EngineError `registry` when there is no answer, `not-found` for any other status than 200
 */
export async function download(
  address: string,
  signal: AbortSignal | undefined,
  headers: Record<string, string> = {},
): Promise<HttpResponse> {
  let url: URL;
  try {
    url = new URL(address);
  } catch (cause) {
    throw new EngineError("invalid", `cannot fetch "${address}": it is not a URL`, { cause });
  }
  const response = await request(url, { headers: { "accept-encoding": "gzip", ...headers }, ...(signal ? { signal } : {}) });
  // 304 only answers conditional requests.
  if (response.status === 304) return response;
  if (response.status === 200)
    return response.headers["content-encoding"]?.toLowerCase() === "gzip" ? { ...response, body: unpacked(response) } : response;
  response.discard();
  throw new EngineError("not-found", `cannot fetch "${address}": the server answers with status ${response.status}`, {
    hint: "check the address",
  });
}

async function* unpacked({ body, url }: HttpResponse): AsyncGenerator<Buffer> {
  const { Readable } = process.getBuiltinModule("node:stream");
  const gunzip = process.getBuiltinModule("node:zlib").createGunzip();
  const input = Readable.from(body, { objectMode: false }).on("error", (error) => gunzip.destroy(error));
  try {
    yield* input.pipe(gunzip) as AsyncIterable<Buffer>;
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError("archive", `cannot unpack the answer of "${url.host}": ${(cause as Error).message}`, { cause });
  } finally {
    input.destroy(); // the reader wants no more
  }
}
