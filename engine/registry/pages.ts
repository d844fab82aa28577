/** Lists that a registry gives in parts, each with the address of the next in its head (distribution-spec, "Listing Tags"; RFC 8288). */
import { EngineError } from "../errors.ts";
import { inTime } from "../http/pace.ts";
import type { HttpResponse } from "../http/request.ts";
import { listOf, object, parseShaped, type Refuse, text } from "../image/documents/index.ts";
import type { RegistryClient } from "./client.ts";

/** Names that are asked for at a time. */
const usualCount = 1000;

export interface Paging {
  /** Names after this one. */
  last?: string | undefined;
  /** Names at a time; a registry may give fewer or more. */
  count?: number | undefined;
}

interface Listing {
  /** The list's address, or path below the repository's. */
  place: string | URL;
  /** The member of the answer that has the names. */
  member: "tags" | "repositories";
  /** For messages: `tags of "app"`. */
  what: string;
  /** What an answer other than 200 means, where it does not mean the usual. */
  refusal?(response: HttpResponse): EngineError | undefined;
}

/** Where the next part is; undefined behind the last. */
export function nextPage({ headers, url }: HttpResponse): URL | undefined {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers["link"] ?? "")?.[1];
  return (link && URL.parse(link, url.href)) || undefined;
}

/** @throws EngineError `not-found`, `registry`, `registry-auth` */
export async function* pagesOf(
  client: RegistryClient,
  listing: Listing,
  { last, count = usualCount }: Paging = {},
): AsyncGenerator<string[]> {
  const { member, what } = listing;
  const query = new URLSearchParams({ n: String(count), ...(last !== undefined && { last }) });
  const first = typeof listing.place === "string" ? `${listing.place}?${query}` : new URL(`?${query}`, listing.place);
  const refuse: Refuse = (why, cause) => new EngineError("registry", `cannot list the ${what}: the answer is malformed: ${why}`, { cause });
  // A registry that leads in a circle is left where it closes.
  const seen = new Set<string>();
  for (let here: string | URL | undefined = first; here !== undefined; ) {
    const { answer, source } = await fetchPage(client, here, listing);
    yield parseShaped<{ [name in typeof member]?: string[] | null }>(source, object({ [member]: listOf(text) }), refuse)[member] ?? [];
    seen.add(answer.url.href);
    const next = nextPage(answer);
    here = next && !seen.has(next.href) ? next : undefined;
  }
}

function fetchPage(
  client: RegistryClient,
  place: string | URL,
  { what, refusal }: Listing,
): Promise<{ answer: HttpResponse; source: string }> {
  return inTime(client, what, async (signal) => {
    const answer = await client.call(place, { signal });
    if (answer.status === 200) return { answer, source: await answer.text() };
    const error = refusal?.(answer);
    if (!error) throw await client.refusal(answer, what);
    answer.discard();
    throw error;
  });
}
