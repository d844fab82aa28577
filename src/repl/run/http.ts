/** Runs `http …`: a script tests what it started. */
import { EngineError } from "../../../engine/errors.ts";
import { request } from "../../../engine/http/request.ts";
import { parseMilliseconds } from "../../format/duration.ts";
import { type Captured, type Frame, outOfTime, patternOf, pointAt, unexpected } from "../frame/index.ts";
import { isAddress, type methods, type Request, readRequest, type Word } from "../language/index.ts";

/** Milliseconds for an answer, unless said otherwise: an expectation tries again. */
const patience = 10_000;
/** Bytes of a body. */
const longest = 16 << 20;
/** Characters of it in an error. */
const quoted = 200;

interface Answered extends Captured {
  result: { Status: number; Headers: Record<string, string | undefined>; Body: string; Text: string };
}

/** Sends a request and checks its answer. @throws EngineError `expectation`, `timeout`, `network` when nobody answers */
export async function runHttp(words: readonly Word[], frame: Frame): Promise<Answered> {
  const { variables, text, place } = frame;
  const expand = (word: Word) => variables.expandWord(word, text, place.engine);
  const wanted = readRequest(words, (message, word) => {
    throw pointAt(new EngineError("syntax", message), word);
  }) as Request;
  const url = await expand(wanted.url);
  if (!isAddress(url)) throw pointAt(new EngineError("invalid", `"${url}" is no address such as http://127.0.0.1:8080/`), wanted.url);
  const limit = wanted.within ? parseMilliseconds(await expand(wanted.within)) : patience;
  if (limit === undefined) throw pointAt(new EngineError("syntax", "within needs a duration such as 5s"), wanted.within);
  const over = AbortSignal.timeout(limit);
  try {
    return await answered(wanted, url, { ...frame, signal: AbortSignal.any([frame.signal, over]) });
  } catch (error) {
    if (over.aborted && !frame.signal.aborted) throw pointAt(outOfTime(`${url} did not answer within ${limit / 1000}s`), wanted.url);
    throw error instanceof EngineError ? pointAt(unreached(error), wanted.url) : error;
  }
}

/** What the door for HTTP says of registries, said of any server. */
function unreached(error: EngineError): EngineError {
  if (error.code !== "registry") return error;
  return new EngineError("network", error.message, {
    cause: error,
    exit: 1,
    hint: "check the address and the port; 'expect 10s http …' tries again",
  });
}

async function answered(wanted: Request, url: string, frame: Frame): Promise<Answered> {
  const { variables, text, place, signal } = frame;
  const expand = (word: Word) => variables.expandWord(word, text, place.engine);
  const headers: Record<string, string> = {};
  for (const { name, value } of wanted.sentHeaders) headers[await expand(name)] = await expand(value);
  const method = (await expand(wanted.method)) as (typeof methods)[number];
  const sent = wanted.sent && Buffer.from(await expand(wanted.sent));
  const response = await request(URL.parse(url)!, { method, headers, signal, manual: true, ...(sent && { body: sent }) });
  const body = await response.text(longest);
  const { status } = response;
  if (wanted.status && Number(await expand(wanted.status)) !== status)
    throw pointAt(unexpected(`${url} answered with status ${status}: ${JSON.stringify(body.slice(0, quoted))}`), wanted.status);
  for (const { name, wanted: text } of wanted.headers) {
    const value = response.headers[(await expand(name)).toLowerCase()];
    if (value === undefined || !(await patternOf(text, frame)).test(value)) {
      const why = value === undefined ? "no such header" : JSON.stringify(value);
      throw pointAt(unexpected(`${url} answered with ${await expand(name)}: ${why}`), text);
    }
  }
  if (wanted.body && !(await patternOf(wanted.body, frame)).test(body))
    throw pointAt(unexpected(`${url} answered with ${JSON.stringify(body.slice(0, quoted))}`), wanted.body);
  const result = { Status: status, Headers: response.headers, Body: body, Text: body };
  // Without its last line end, as what any command prints; a variable has all of it.
  return { path: "http", result, status: 0, text: body.replace(/\r?\n$/, ""), printed: body };
}
