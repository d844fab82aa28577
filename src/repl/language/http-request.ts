/** `http METHOD URL [status N] [body TEXT|/REGEX/] [header NAME TEXT|/REGEX/]… [send TEXT] [with NAME VALUE]… [within TIME]`. Pure. */
import { parseMilliseconds } from "../../format/duration.ts";
import type { FailAt } from "./plumbing.ts";
import { bare } from "./statement.ts";
import { isLiteral, literal, type Word } from "./words.ts";

export interface Request {
  method: Word;
  url: Word;
  status: Word | undefined;
  body: Word | undefined;
  headers: { name: Word; wanted: Word }[];
  sent: Word | undefined;
  sentHeaders: { name: Word; value: Word }[];
  within: Word | undefined;
}

export const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Reads the words behind `http`. @param fail takes what is wrong, where that is known already */
export function readRequest(words: readonly Word[], fail: (...of: Parameters<FailAt>) => unknown): Request | undefined {
  const [method, url, ...rest] = words;
  if (!method || !url) return void fail("http needs a method and an address", words[0]!);
  const request: Request = {
    method,
    url,
    status: undefined,
    body: undefined,
    headers: [],
    sent: undefined,
    sentHeaders: [],
    within: undefined,
  };
  if (isLiteral(method) && !(methods as readonly string[]).includes(literal(method)))
    return void fail(`http knows ${methods.join(", ")}`, method);
  const address = url.parts[0];
  if (address?.kind === "text" && isLiteral(url) && !isAddress(literal(url)))
    return void fail("http needs an address such as http://127.0.0.1:8080/", url);
  for (let at = 0; at < rest.length; ) {
    const word = rest[at]!;
    const [one, two] = [rest[at + 1], rest[at + 2]];
    const takesTwo = ["header", "with"].includes(bare(word));
    if (!one || (takesTwo && !two)) return void fail(`${literal(word)} needs ${takesTwo ? "a name and a text" : "a value"}`, word);
    if (!take(request, bare(word), one, two)) return void fail("http knows status, body, header, send, with and within", word);
    at += takesTwo ? 3 : 2;
  }
  const { status, within } = request;
  if (status && isLiteral(status) && !/^[1-5]\d\d$/.test(literal(status))) return void fail("a status is a number such as 200", status);
  if (within && isLiteral(within) && parseMilliseconds(literal(within)) === undefined)
    return void fail("within needs a duration such as 5s", within);
  return request;
}

export function isAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol);
}

function take(request: Request, key: string, one: Word, two: Word | undefined): boolean {
  if (key === "status" || key === "body" || key === "within") request[key] = one;
  else if (key === "send") request.sent = one;
  else if (key === "header") request.headers.push({ name: one, wanted: two! });
  else if (key === "with") request.sentHeaders.push({ name: one, value: two! });
  else return false;
  return true;
}
