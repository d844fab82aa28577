/** `search`: the index of a registry that has one (docker's v1 API, /v1/search), Docker Hub's unless the term names another. */
import type { Filters } from "../docker.ts";
import { EngineError } from "../errors.ts";
import { inTime } from "../http/pace.ts";
import { listOf, object, parseShaped, type Refuse, text, truth, whole } from "../image/documents/index.ts";
import { type ClientOptions, RegistryClient } from "./client.ts";
import type { SearchResult } from "./types.ts";

export interface SearchOptions extends Pick<ClientOptions, "certificates" | "credentials" | "pace" | "signal"> {
  /** 1-100; 0 for docker's 25. */
  limit?: number;
  filters?: Filters;
}

interface Answer {
  results?: { name?: string; description?: string | null; star_count?: number | null; is_official?: boolean | null }[] | null;
}

const answerShape = object({ results: listOf(object({ name: text, description: text, star_count: whole, is_official: truth })) });

/**
 * In the registry's order.
 * @throws EngineError `invalid`, `registry`, `registry-auth`; `unsupported` by a registry without an index
 */
export async function searchRegistry(term: string, options: SearchOptions = {}): Promise<SearchResult[]> {
  const { limit = 0, filters = {} } = options;
  const isWanted = filterOf(filters);
  if (!Number.isInteger(limit) || limit < 0 || limit > 100) throw invalid(`limit ${limit} is outside the range of [1, 100]`);
  const { domain, words } = splitTerm(term);
  const client = new RegistryClient({ domain, path: "" }, options);
  const query = new URLSearchParams({ q: words, n: String(limit || 25) });
  const found = await inTime(options, `results of a search at "${domain}"`, async (signal) => {
    const at = domain === "docker.io" ? new URL("https://index.docker.io/v1/search") : await client.at("/v1/search");
    at.search = query.toString();
    const response = await client.call(at, { signal, headers: { "x-docker-token": "true" } });
    if (response.status === 200) return response.text();
    if (response.status !== 404) throw await client.refusal(response, `results of a search at "${domain}"`);
    response.discard();
    throw new EngineError("unsupported", `cannot search "${domain}": this registry has no index`, {
      hint: "registries of the OCI distribution-spec list tags, not repositories; search docker.io, or ask the registry's web page",
      exit: 1,
    });
  });
  const refuse: Refuse = (why, cause) =>
    new EngineError("registry", `cannot search "${domain}": the answer is malformed: ${why}`, { cause });
  const { results } = parseShaped<Answer>(found, answerShape, refuse);
  return (results ?? []).map(toResult).filter(isWanted);
}

function toResult({ name = "", description, star_count, is_official }: NonNullable<Answer["results"]>[number]): SearchResult {
  return { Name: name, Description: description ?? "", StarCount: star_count ?? 0, IsOfficial: is_official ?? false };
}

const invalid = (text: string) => new EngineError("invalid", text);

/** "localhost:5000/web" is "web" at localhost:5000; "user/web" is Docker Hub's. */
function splitTerm(term: string): { domain: string; words: string } {
  if (term.includes("://")) throw invalid(`invalid repository name: repository name (${term}) should not have a scheme`);
  const [first = "", ...rest] = term.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const domain = isHost && !["docker.io", "index.docker.io"].includes(first) ? first : "docker.io";
  const words = isHost ? rest.join("/") : term;
  if (!URL.canParse(`https://${domain}/`)) throw invalid(`invalid registry address "${domain}"`);
  return { domain, words: domain === "docker.io" ? words.replace(/^library\//, "") : words };
}

/** @throws EngineError `invalid` for a filter or a value that docker has not */
function filterOf(filters: Filters): (result: SearchResult) => boolean {
  const known = ["is-automated", "is-official", "stars"];
  const unknown = Object.keys(filters).find((key) => !known.includes(key));
  if (unknown) throw new EngineError("invalid", `invalid filter '${unknown}'`, { hint: `the filters are ${known.join(", ")}` });
  const stars = Math.max(0, ...(filters["stars"] ?? []).map(parseStars));
  const official = parseBoolean("is-official", filters["is-official"]);
  const automated = parseBoolean("is-automated", filters["is-automated"]); // nothing is, any more
  return ({ StarCount, IsOfficial }) => StarCount >= stars && (official === undefined || official === IsOfficial) && automated !== true;
}

function parseStars(text: string): number {
  if (!/^[-+]?\d{1,9}$/.test(text)) throw invalid(`invalid filter 'stars=${text}'`);
  return Number(text);
}

function parseBoolean(name: string, values: readonly string[] | undefined): boolean | undefined {
  if (values === undefined) return undefined;
  const found = new Set(values.map((value) => ({ true: true, "1": true, false: false, "0": false })[value]));
  const [only] = found;
  if (found.size !== 1 || only === undefined) throw invalid(`invalid filter '${name}=[${values.join(" ")}]'`);
  return only;
}
