/** Files that a build fetches by HTTP: contexts and sources of ADD. */
import { EngineError } from "../../errors.ts";
import { type HttpResponse, request } from "../../http/request.ts";

/** Opens a URL. @throws EngineError `registry` when there is no answer, `not-found` for any other status than 200 */
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
  const response = await request(url, { headers, ...(signal ? { signal } : {}) });
  // 304 comes only to those who asked for it.
  if (response.status === 200 || response.status === 304) return response;
  response.discard();
  throw new EngineError("not-found", `cannot fetch "${address}": the server answers with status ${response.status}`, {
    hint: "check the address",
  });
}
