/** What a host tells of a pull, a push, a load: docker's lines of JSON as the engine's events. */
import type { ProgressEvent } from "../../events.ts";
import type { WireAnswer } from "../../http/wire.ts";
import { streamFailure } from "../link/failure.ts";
import { jsonLines } from "../link/lines.ts";
import type { Link } from "../link/link.ts";
import { complete } from "../link/template.ts";

const line = { id: "", status: "", stream: "", error: "", errorDetail: { message: "" }, progressDetail: { current: 0, total: 0 } };

export type ProgressLine = ReturnType<typeof complete<typeof line>> & { aux?: unknown };

/** Each line; one that tells of an error is thrown. */
export async function* progressLines(link: Link, answer: WireAnswer): AsyncGenerator<ProgressLine> {
  for await (const value of jsonLines(link, answer, "what it tells")) {
    const found = link.reading(() => complete(line, value, "what it tells"));
    const message = found.errorDetail.message || found.error;
    if (message) throw streamFailure(message, link.address);
    yield found;
  }
}

const over = /^(Pull complete|Already exists|Pushed|Layer already exists|Mounted from|Skipped|Loaded)/;

/** undefined for what has no event. */
export function progressEvent({ id, status, progressDetail: { current, total } }: ProgressLine): ProgressEvent | undefined {
  const text = status.replace(/\s+$/, "");
  if (text === "") return undefined;
  // "latest: Pulling from library/busybox" is about the whole.
  if (id === "" || /^(Pulling from|The push refers)/.test(text)) return { type: "message", text: id ? `${id}: ${text}` : text };
  return {
    type: "transfer",
    id,
    status: text,
    ...(current > 0 && { current }),
    ...(total > 0 && { total }),
    ...(over.test(text) && { done: true }),
  };
}
