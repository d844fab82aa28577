/** Answers that are one line of JSON after the other (docker's jsonmessage, events, measurements). */
import type { WireAnswer } from "../../http/wire.ts";
import type { Link } from "./link.ts";
import { parse } from "./template.ts";

/** Bytes of one line. */
const lineLimit = 16 << 20;

/** Each line as it comes, whether lines end or values merely follow each other. @throws EngineError `network`: no JSON, or broken off */
export async function* jsonLines(link: Link, answer: WireAnswer, what: string): AsyncGenerator<unknown> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of link.bytes(answer)) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    if (rest.length > lineLimit) throw link.explain(Object.assign(new Error(`a line of ${what} is too long`), { code: "EMSGSIZE" }));
    for (const part of parts) if (part.trim() !== "") yield link.reading(() => parse(part, `a line of ${what}`));
  }
  if (rest.trim() !== "") yield link.reading(() => parse(rest, `the last line of ${what}`));
}
