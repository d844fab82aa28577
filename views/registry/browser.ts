/**
 * What registries have, read as far as somebody looks at it: repositories and tags in parts, what is behind a tag when it comes into
 * sight. All of it goes on beside the keys, a few questions at a time, and ends when its list is left. Loaded when the first registry
 * is looked at.
 */
import { EngineError, toEngineError } from "../../engine/errors.ts";
import type { Engine } from "../../engine/index.ts";
import { isDigestTag, listRepositories, registryName, repositoryClient, tagPages } from "../../engine/registry/repositories/index.ts";
import { describeJudged, inspectJudged, type JudgedDetails, type JudgedTag } from "../../engine/trust/index.ts";
import { knownRegistries } from "../../src/commands/registry/known.ts";
import { Listing, type ReadParts } from "./listing.ts";
import { type RegistryRow, type RepositoryRow, registryOf, type TagRow } from "./rows.ts";

/** Names at a time: a screen has fewer. */
const pageSize = 100;
/** Tags that are asked about at the same time. */
const atOnce = 4;
/** Milliseconds that an answer may take. */
const patience = 20_000;
/** Milliseconds in which what has come in is drawn together. */
const gathered = 80;

/** A list that has been read or is being read: "localhost:5000", or "localhost:5000/team/app". */
export type Place = string;

interface Known {
  details?: JudgedTag;
  error?: EngineError;
}

export class RegistryBrowser {
  readonly #onChange: (place: Place) => void;
  readonly #listings = new Map<Place, Listing>();
  /** By full names of tags. */
  readonly #known = new Map<string, Known>();
  readonly #looks = new Map<string, Promise<JudgedDetails>>();
  /** Names that were typed. */
  readonly #typed = new Set<string>();
  /** Tags in sight that are not known yet, the first to be asked about first. */
  #wanted: TagRow[] = [];
  #asking = 0;
  #leaving = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(onChange: (place: Place) => void) {
    this.#onChange = onChange;
  }

  /** What somebody types to open: a registry, which joins the list, or a repository. */
  placeOf(text: string): Place {
    const [first = "", ...rest] = text
      .replace(/^https?:\/\//, "")
      .replace(/\/+$/, "")
      .split("/");
    const isHost = rest.length === 0 || /[.:]/.test(first) || first === "localhost";
    const registry = registryName(isHost ? first : "docker.io");
    const path = (isHost ? rest : [first, ...rest]).join("/").replace(/(@|:[^/]*$).*/, "");
    this.#typed.add(registry);
    return path === "" ? registry : `${registry}/${path}`;
  }

  async registries(engine: Engine): Promise<RegistryRow[]> {
    const known = await knownRegistries(engine);
    const typed = [...this.#typed].filter((name) => !known.some(({ Name }) => Name === name));
    const rows = [...known, ...typed.map((Name) => ({ Name, LoggedIn: false, Images: 0 }))];
    return rows.map(({ Name, LoggedIn, Images }) => ({ name: Name, loggedIn: LoggedIn, images: Images, ...this.#stateOf(Name) }));
  }

  #stateOf(registry: string): Pick<RegistryRow, "status" | "repositories" | "error"> {
    const listing = this.#listings.get(registry);
    if (listing?.error) return { status: "failed", error: listing.error };
    if (listing?.isReading && listing.names.length === 0) return { status: "reading" };
    const isKnown = listing !== undefined && (listing.isAll || listing.names.length > 0);
    return isKnown ? { status: "there", repositories: { count: listing.names.length, isAll: listing.isAll } } : { status: "idle" };
  }

  /** @param isInFront what is not there yet is waited for @throws EngineError why there are none */
  async repositories(registry: string, engine: Engine, isInFront: boolean): Promise<RepositoryRow[]> {
    const listing = this.#listing(registry, (last, signal) => listRepositories(registry, { signal, paging: { count: pageSize, last } }));
    if (isInFront) await listing.settled();
    const here = await pathsHere(registry, engine);
    // Of a registry without a catalog those are known that images came from.
    const names = listing.names.length > 0 || !listing.error ? listing.names : [...here.keys()].sort();
    if (names.length === 0 && listing.error) throw withWayOn(registry, listing.error);
    return names.map((path) => ({ registry, path, name: `${registry}/${path}`, images: here.get(path) ?? 0 }));
  }

  /** @param isInFront what is not there yet is waited for @throws EngineError why there are none */
  async tags(repository: string, isInFront: boolean): Promise<TagRow[]> {
    const listing = this.#listing(repository, (last, signal) =>
      tagPages(repositoryClient(repository, { signal }), { count: pageSize, last }),
    );
    if (isInFront) await listing.settled();
    if (listing.names.length === 0 && listing.error) throw withWayOn(registryOf(repository), listing.error);
    const tags = listing.names.filter((tag) => !isDigestTag(tag));
    return tags.map((tag) => {
      const name = `${repository}:${tag}`;
      return { repository, tag, name, ...this.#known.get(name), look: () => this.#look(name) };
    });
  }

  #listing(place: Place, read: ReadParts): Listing {
    let listing = this.#listings.get(place);
    if (!listing) {
      listing = new Listing(inTime(registryOf(place), read), () => this.#onChange(place));
      this.#listings.set(place, listing);
    }
    return listing;
  }

  /** Only what is looked at is read. */
  leaveOthers(place: Place | undefined): void {
    for (const [name, listing] of this.#listings) if (name !== place) listing.leave();
    this.#wanted = [];
    this.#leaving.abort();
    this.#leaving = new AbortController();
  }

  /** The end of what has been read is near. */
  more(place: Place): void {
    void this.#listings.get(place)?.more();
  }

  /** Reads a list anew, and what is behind its tags. */
  forget(place: Place): void {
    this.#listings.get(place)?.leave();
    this.#listings.delete(place);
    for (const name of [...this.#known.keys(), ...this.#looks.keys()]) {
      if (!name.startsWith(`${place}:`)) continue;
      this.#known.delete(name);
      this.#looks.delete(name);
    }
  }

  /** Asks what is behind these tags, and not what is behind those that were wanted before. */
  want(rows: readonly TagRow[]): void {
    this.#wanted = rows.filter(({ name }) => !this.#known.has(name));
    while (this.#asking < atOnce && this.#wanted.length > 0) void this.#ask();
  }

  async #ask(): Promise<void> {
    const row = this.#wanted.shift();
    if (!row) return;
    const { signal } = this.#leaving;
    this.#asking++;
    this.#known.set(row.name, {}); // it is asked about once
    const found = await this.#describe(row, signal);
    this.#asking--;
    if (signal.aborted) this.#known.delete(row.name);
    else this.#learn(row, found);
    void this.#ask();
  }

  #learn({ name, repository }: TagRow, found: Known): void {
    this.#known.set(name, found);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#onChange(repository);
    }, gathered);
  }

  async #describe({ repository, tag }: TagRow, signal: AbortSignal): Promise<Known> {
    const listing = this.#listings.get(repository);
    // Only who has seen all tags knows which are not there.
    const tags = listing?.isAll ? new Set(listing.names) : undefined;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    try {
      return { details: await describeJudged(repositoryClient(repository, { signal: limit }), tag, { signal: limit, tags }) };
    } catch (error) {
      return { error: toEngineError(error) };
    }
  }

  /** Asked for once, until it is forgotten. */
  #look(name: string): Promise<JudgedDetails> {
    const known = this.#looks.get(name);
    if (known) return known;
    const limit = AbortSignal.timeout(patience);
    const looking = inspectJudged(name, { signal: limit }).catch((error: unknown) => {
      this.#looks.delete(name);
      throw limit.aborted ? silent(registryOf(name)) : error;
    });
    this.#looks.set(name, looking);
    return looking;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#leaving.abort();
    for (const listing of this.#listings.values()) listing.leave();
  }
}

/** Each part may take its time, and not longer. */
function inTime(registry: string, read: ReadParts): ReadParts {
  return async function* (last, left) {
    const slow = new AbortController();
    const parts = read(last, AbortSignal.any([left, slow.signal]));
    for (;;) {
      const timer = setTimeout(() => slow.abort(), patience);
      try {
        const { done, value } = await parts.next();
        if (done) return;
        yield value;
      } catch (error) {
        throw slow.signal.aborted ? silent(registry) : error;
      } finally {
        clearTimeout(timer);
      }
    }
  };
}

function silent(registry: string): EngineError {
  return new EngineError("timeout", `"${registry}" has not answered for ${patience / 1000} seconds`, {
    hint: "<registry.refresh> asks again",
  });
}

/** What the keys can do about it stands behind what it says. */
function withWayOn(registry: string, error: EngineError): EngineError {
  const { code, message, hint } = error;
  if (code === "unsupported")
    return new EngineError(code, message, { cause: error, hint: "<registry.open> opens a repository by its name" });
  if (code === "registry-auth")
    return new EngineError(code, message, { cause: error, hint: `log in with ":login ${registry}", then <registry.refresh>` });
  if (code === "timeout") return error;
  return new EngineError(code, message, { cause: error, hint: `${hint}; <registry.refresh> asks again` });
}

/** Repositories of a registry that images here came from, or went to, with how many did. */
async function pathsHere(registry: string, engine: Engine): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const { RepoDigests } of await engine.images.list().catch(() => [])) {
    for (const name of RepoDigests.map((each) => each.slice(0, each.indexOf("@")))) {
      const path = pathIn(registry, name);
      if (path !== undefined) found.set(path, (found.get(path) ?? 0) + 1);
    }
  }
  return found;
}

/** "python" is Docker Hub's "library/python". */
function pathIn(registry: string, name: string): string | undefined {
  const [first = "", ...rest] = name.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (isHost) return first === registry ? rest.join("/") : undefined;
  if (registry !== "docker.io") return undefined;
  return rest.length === 0 ? `library/${first}` : name;
}
