/** The pages of a registry, of what they show: no scripts, one style, links and forms. Pure. */
import { createHash } from "node:crypto";
import { Html, html } from "./html.ts";

const style = `:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:64rem;margin:0 auto;padding:1rem 1.5rem}
header{display:flex;gap:1rem;align-items:baseline;justify-content:space-between;border-bottom:1px solid #8886;margin-bottom:1rem}
h1{font-size:1.3rem;margin:.4rem 0}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}a{color:LinkText}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #8883;vertical-align:top}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}.faint{opacity:.7}.signed{font-weight:600}
form{margin:1rem 0}button{font:inherit;padding:.3rem .9rem}nav{margin:1rem 0}`;

/** Nothing is loaded, run or framed; forms go nowhere else. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  ...["form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"],
].join("; ");

export interface Frame {
  /** Who has logged in. */
  user?: string;
  /** Somebody may. */
  hasLogin: boolean;
}

const linkTo = (query: Record<string, string>) => `?${new URLSearchParams(query)}`;

/** @param path from the list of repositories to here */
function page(title: string, path: Html, { user, hasLogin }: Frame, body: Html): string {
  const login = user === undefined ? html`<a href="?login=1">Log in</a>` : html`<span class="faint">${user}</span>`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${new Html(style)}</style></head>
<body><header><h1>${path}</h1>${hasLogin ? login : undefined}</header>
<main>${body}</main></body></html>
`.text;
}

const home = html`<a href="/">Repositories</a>`;

/** One more page of a long list. @param last of those on this one */
const more = (query: Record<string, string>, last: string | undefined) =>
  last === undefined ? undefined : html`<nav><a href="${linkTo({ ...query, last })}">More</a></nav>`;

export interface RepositoriesPage {
  repositories: { name: string; tags: number }[];
  last?: string;
}

export function repositoriesPage({ repositories, last }: RepositoriesPage, frame: Frame): string {
  const rows = repositories.map(
    ({ name, tags }) => html`<tr><td><a href="${linkTo({ repository: name })}">${name}</a></td><td class="number">${tags}</td></tr>`,
  );
  const body =
    rows.length === 0
      ? html`<p>There is nothing here that you may see.</p>`
      : html`<table><thead><tr><th>Repository</th><th class="number">Tags</th></tr></thead><tbody>${rows}</tbody></table>${more({}, last)}`;
  return page("Repositories", html`Repositories`, frame, body);
}

export interface TagsPage {
  repository: string;
  tags: { tag: string; digest: string; size: number; isSigned: boolean }[];
  last?: string;
}

export function tagsPage({ repository, tags, last }: TagsPage, frame: Frame): string {
  const rows = tags.map(
    ({ tag, digest, size, isSigned }) => html`<tr><td><a href="${linkTo({ repository, reference: tag })}">${tag}</a></td>
<td><code>${short(digest)}</code></td><td class="number">${sizeText(size)}</td><td>${signature(isSigned)}</td></tr>`,
  );
  const head = html`<tr><th>Tag</th><th>Digest</th><th class="number">Size</th><th>Signature</th></tr>`;
  const body =
    rows.length === 0
      ? html`<p>There is no tag here.</p>`
      : html`<table><thead>${head}</thead><tbody>${rows}</tbody></table>${more({ repository }, last)}`;
  return page(repository, html`${home} / ${repository}`, frame, body);
}

const signature = (isSigned: boolean) => (isSigned ? html`<span class="signed">present</span>` : html`<span class="faint">none</span>`);

export interface PageContent {
  digest: string;
  mediaType: string;
  /** Bytes. */
  size: number;
  /** Of an index: what it is for. */
  platform?: string;
}

export interface ManifestPage {
  repository: string;
  /** As it was asked for: a tag, or a digest. */
  reference: string;
  digest: string;
  mediaType: string;
  /** Bytes, with all that it is made of and that is known. */
  size: number;
  isSigned: boolean;
  config?: PageContent;
  layers: PageContent[];
  manifests: PageContent[];
  /** What refers to it, or is attached to it by a tag. */
  attached: { kind: string; digest: string; what: string; size: number }[];
  /** For the form; absent for who may not. */
  token?: string;
}

export function manifestPage(shown: ManifestPage, frame: Frame): string {
  const { repository, reference, digest, mediaType, size, isSigned, config, layers, manifests, attached } = shown;
  const facts = html`<table><tbody><tr><th>Digest</th><td><code>${digest}</code></td></tr>
<tr><th>Type</th><td><code>${mediaType}</code></td></tr><tr><th>Size</th><td>${sizeText(size)}</td></tr>
<tr><th>Signature</th><td>${signature(isSigned)} <span class="faint">${isSigned ? "(whether it is good is not judged here)" : ""}</span></td></tr></tbody></table>`;
  const body = html`${facts}
${section("Images", manifests, (each) => html`<td>${each.platform ?? ""}</td><td>${contentLink(repository, each.digest)}</td><td class="number">${sizeText(each.size)}</td>`)}
${section("Config", config ? [config] : [], contentCells)}${section("Layers", layers, contentCells)}
${section("What refers to it", attached, (each) => html`<td>${each.kind}</td><td>${contentLink(repository, each.digest)}<br><span class="faint">${each.what}</span></td><td class="number">${sizeText(each.size)}</td>`)}
${deletion(shown)}`;
  return page(
    `${repository} ${reference}`,
    html`${home} / <a href="${linkTo({ repository })}">${repository}</a> / <code>${nameOf(reference)}</code>`,
    frame,
    body,
  );
}

const contentLink = (repository: string, digest: string) =>
  html`<a href="${linkTo({ repository, reference: digest })}"><code>${digest}</code></a>`;
const contentCells = ({ digest, mediaType, size }: PageContent) =>
  html`<td><code>${digest}</code><br><span class="faint">${mediaType}</span></td><td class="number">${sizeText(size)}</td>`;

function section<T>(title: string, items: readonly T[], cells: (item: T) => Html): Html | undefined {
  if (items.length === 0) return undefined;
  return html`<h2>${title}</h2><table><tbody>${items.map((item) => html`<tr>${cells(item)}</tr>`)}</tbody></table>`;
}

/** What is deleted does not come back: it is asked once more, on a page of its own. */
function deletion({ repository, reference, token }: ManifestPage): Html | undefined {
  if (token === undefined) return undefined;
  const what = reference.includes(":") ? "this manifest with all of its tags" : `the tag ${reference}`;
  return html`<h2>Delete</h2><form method="post" action="/"><input type="hidden" name="repository" value="${repository}">
<input type="hidden" name="reference" value="${reference}"><input type="hidden" name="token" value="${token}">
<label><input type="checkbox" name="sure" value="yes" required> Delete ${what}</label> <button>Delete</button></form>`;
}

/** @param message what went wrong, in the registry's words */
export function problemPage(message: string, frame: Frame): string {
  return page("Not possible", home, frame, html`<p>${message}</p>`);
}

const short = (digest: string) => digest.replace(/^(\w+:.{12}).*$/, "$1");
const nameOf = (reference: string) => (reference.includes(":") ? short(reference) : reference);
const units = ["B", "kB", "MB", "GB", "TB"];

/** "12.3 MB", in powers of ten as docker's lists have them. */
export function sizeText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toPrecision(3)} ${units[power]}`;
}
