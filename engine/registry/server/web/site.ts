/**
 * The registry in a browser, at "/": what one may pull is seen, what one may delete is deleted. Who that is, the same gate says; a form counts
 * when it comes from here, in two ways: by where the browser says that it is from, and by a token.
 */
import { isIP } from "node:net";
import { type EngineError, toEngineError } from "../../../errors.ts";
import type { Exchange } from "../../../http/exchange.ts";
import { isLoopback } from "../../../http/request.ts";
import type { Descriptor } from "../../../image/types.ts";
import { cosignTags, isDigestTag, kindOfReferrer } from "../../repositories/attached.ts";
import type { Visitor } from "../auth/visitor.ts";
import type { Answer, Call } from "../call.ts";
import { contentsOf } from "../protocol/document.ts";
import { isDigest, isRepository, isTag } from "../protocol/names.ts";
import { answerOfProblem, problem } from "../protocol/problem.ts";
import type { RegistryStorage, StoredManifest } from "../storage/storage.ts";
import { FormTokens } from "./form-token.ts";
import {
  type Frame,
  type ManifestPage,
  manifestPage,
  type PageContent,
  pagePolicy,
  problemPage,
  repositoriesPage,
  tagsPage,
} from "./pages.ts";

export const sitePath = "/";
/** Rows of a page. */
const rows = 50;
/** Bytes of a form. */
const formLimit = 4096;

/** "same-origin": with less, browsers would not say where a form is from. */
const headers = {
  ...{ "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": pagePolicy, "Referrer-Policy": "same-origin" },
  ...{ "Cache-Control": "no-store", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin" },
};

export interface SiteVisit {
  exchange: Exchange;
  query: URLSearchParams;
  visitor: Visitor;
  /** Passwords are asked for. */
  hasLogin: boolean;
  readOnly: boolean;
  tell(repository: string): Call["tell"];
}

export class Site {
  readonly #storage: RegistryStorage;
  readonly #tokens = new FormTokens();

  constructor(storage: RegistryStorage) {
    this.#storage = storage;
  }

  async answer(visit: SiteVisit): Promise<Answer> {
    const { exchange, visitor, hasLogin } = visit;
    const frame: Frame = { hasLogin, ...(visitor.user !== undefined && { user: visitor.user }) };
    try {
      if (!hasLogin) refuseNames(exchange);
      if (exchange.method === "POST") return await this.#delete(visit);
      if (visit.query.has("login") && hasLogin) return logIn(visitor);
      return { status: 200, headers, body: Buffer.from(await this.#page(visit, frame)) };
    } catch (thrown) {
      const { status, headers: more, body } = answerOfProblem(thrown);
      if (status === 499) throw toEngineError(thrown);
      return { status, headers: { ...more, ...headers }, body: Buffer.from(problemPage(body.errors[0]!.message, frame)) };
    }
  }

  async #page({ query, visitor, readOnly }: SiteVisit, frame: Frame): Promise<string> {
    const [repository, reference, last = ""] = ["repository", "reference", "last"].map((name) => query.get(name) ?? undefined);
    if (repository === undefined) return this.#repositories(visitor, last, frame);
    requireVisible(visitor, repository);
    if (reference === undefined) return this.#tags(repository, last, frame);
    const shown = await this.#manifest(repository, reference);
    const mayDelete = !readOnly && visitor.may(repository, "delete");
    return manifestPage({ ...shown, ...(mayDelete && { token: this.#tokens.issue(visitor.user) }) }, frame);
  }

  async #repositories(visitor: Visitor, last: string, frame: Frame): Promise<string> {
    const visible = (await this.#storage.repositories()).filter((name) => visitor.may(name, "pull"));
    if (visible.length === 0 && frame.hasLogin) logIn(visitor);
    const names = visible.filter((name) => name > last);
    const repositories = names.slice(0, rows).map(async (name) => ({ name, tags: (await this.#ownTags(name)).length }));
    return repositoriesPage({ repositories: await Promise.all(repositories), ...lastOf(names) }, frame);
  }

  /** Without those that are made for what belongs to a digest. */
  async #ownTags(repository: string): Promise<string[]> {
    return ((await this.#storage.tags(repository)) ?? []).filter((tag) => !isDigestTag(tag));
  }

  async #tags(repository: string, last: string, frame: Frame): Promise<string> {
    const names = (await this.#ownTags(repository)).filter((tag) => tag > last);
    const tags = names.slice(0, rows).map(async (tag) => {
      const found = await this.#storage.findManifest(repository, tag);
      if (!found) return []; // it went meanwhile
      const attached = await this.#attached(repository, found.digest);
      return [{ tag, digest: found.digest, size: await this.#sizeOf(repository, found), isSigned: attached.some(isSignature) }];
    });
    return tagsPage({ repository, tags: (await Promise.all(tags)).flat(), ...lastOf(names) }, frame);
  }

  async #manifest(repository: string, reference: string): Promise<ManifestPage> {
    const found = isTag(reference) || isDigest(reference) ? await this.#storage.findManifest(repository, reference) : undefined;
    if (!found) throw problem("MANIFEST_UNKNOWN", `no such manifest: "${reference}"`);
    const { config, layers, manifests } = contentsOf(await this.#storage.readManifest(found.digest), found.mediaType);
    const attached = await this.#attached(repository, found.digest);
    return {
      ...{ repository, reference, digest: found.digest, mediaType: found.mediaType, size: await this.#sizeOf(repository, found) },
      ...{ isSigned: attached.some(isSignature), ...(config && { config: contentOf(config) }) },
      ...{ layers: layers.map(contentOf), manifests: manifests.map(contentOf), attached },
    };
  }

  /** With what it is made of; images of an index with theirs, as far as they are here. */
  async #sizeOf(repository: string, { digest, mediaType, size }: StoredManifest): Promise<number> {
    const { config, layers, manifests } = contentsOf(await this.#storage.readManifest(digest), mediaType);
    const inside = manifests.map(async (each) => {
      const found = await this.#storage.findManifest(repository, each.digest);
      if (!found) return each.size;
      const parts = contentsOf(await this.#storage.readManifest(found.digest), found.mediaType);
      return sum([found.size, parts.config?.size ?? 0, ...parts.layers.map((layer) => layer.size)]);
    });
    return sum([size, config?.size ?? 0, ...layers.map((layer) => layer.size), ...(await Promise.all(inside))]);
  }

  async #attached(repository: string, digest: string): Promise<ManifestPage["attached"]> {
    const referrers = (await this.#storage.referrers(repository, digest)).map((each) => ({
      ...{ kind: kindOfReferrer(each), digest: each.digest, what: each.artifactType ?? each.mediaType, size: each.size },
    }));
    const tagged = cosignTags(digest).map(async ({ tag, kind }) => {
      const found = await this.#storage.findManifest(repository, tag);
      return found ? [{ kind, digest: found.digest, what: tag, size: found.size }] : [];
    });
    return [...referrers, ...(await Promise.all(tagged)).flat()];
  }

  async #delete({ exchange, visitor, readOnly, tell }: SiteVisit): Promise<Answer> {
    const form = await readForm(exchange);
    const [repository = "", reference = "", token = "", sure] = ["repository", "reference", "token", "sure"].map(
      (name) => form.get(name) ?? undefined,
    );
    if (!isFromHere(exchange) || !this.#tokens.isOurs(token, visitor.user))
      throw problem("DENIED", "this form is not from here, or too old: load the page again");
    requireVisible(visitor, repository);
    if (readOnly || !visitor.may(repository, "delete")) throw problem("DENIED", `you may not delete in "${repository}"`);
    if (sure !== "yes") throw problem("UNSUPPORTED", "tick the box to say that you mean it", { status: 400 });
    if (isTag(reference)) await this.#storage.deleteTag(repository, reference);
    else if (isDigest(reference)) await this.#storage.deleteManifest(repository, reference);
    else throw problem("MANIFEST_UNKNOWN", `no such manifest: "${reference}"`);
    tell(repository)({ action: "delete", kind: "manifests", ...(isTag(reference) ? { tag: reference } : { digest: reference }) });
    return { status: 303, headers: { ...headers, Location: `/?${new URLSearchParams({ repository })}` } };
  }
}

async function readForm(exchange: Exchange): Promise<URLSearchParams> {
  const body = await exchange.read(formLimit).catch((error: EngineError) => {
    throw error.code === "invalid" ? problem("SIZE_INVALID", `a form has ${formLimit} bytes at most`, { status: 413 }) : error;
  });
  return new URLSearchParams(body.toString());
}

/** What one may not see is not there. */
function requireVisible(visitor: Visitor, repository: string): void {
  if (!isRepository(repository) || !visitor.may(repository, "pull"))
    throw problem("NAME_UNKNOWN", `no such repository, or not for you: "${repository}"`);
}

/** The browser asks for a password, and comes back. */
function logIn({ user }: Visitor): Answer {
  if (user !== undefined) return { status: 303, headers: { ...headers, Location: sitePath } };
  throw problem("UNAUTHORIZED", "log in to see more", { headers: { "WWW-Authenticate": 'Basic realm="berth", charset="UTF-8"' } });
}

/**
 * Where nobody is asked for a password, a name that somebody else's name server leads here must not make their page ours ("DNS rebinding").
 * @throws EngineError `permission`
 */
function refuseNames({ headers: { host = "" } }: Exchange): void {
  const { hostname = "" } = URL.parse(`http://${host}`) ?? {};
  if (isLoopback(hostname) || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0) return;
  throw problem("DENIED", "this registry asks for no passwords: open its pages by its address, not by a name");
}

function isFromHere({ headers: { origin, host, "sec-fetch-site": site } }: Exchange): boolean {
  const from = origin === undefined ? undefined : URL.parse(origin)?.host;
  return from !== undefined && from === host && (site === undefined || site === "same-origin");
}

const isSignature = ({ kind }: { kind: string }) => kind === "signature";
const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + size, 0);
const lastOf = (names: readonly string[]) => (names.length > rows ? { last: names[rows - 1]! } : {});

function contentOf({ digest, mediaType, size, platform }: Descriptor): PageContent {
  const { os = "", architecture = "", variant = "" } = platform ?? {};
  const named = [os, architecture, variant].filter(Boolean).join("/");
  return { digest, mediaType, size, ...(named !== "" && { platform: named }) };
}
