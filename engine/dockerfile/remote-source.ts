/** Sources of ADD, and contexts, that are not paths: what they look like (Dockerfile reference, "ADD"). Pure. */

/** True for what docker takes as a git repository: git and ssh URLs, and http(s) ones that end in ".git". */
export function isGitSource(text: string): boolean {
  return /^(?:git:\/\/|ssh:\/\/|git@)/.test(text) || /^https?:\/\/[^#?]+\.git(?:[#?]|$)/.test(text);
}

/** True for a git repository and for any other URL that is fetched by HTTP. */
export function isRemoteSource(text: string): boolean {
  return /^https?:\/\//.test(text) || isGitSource(text);
}

/** As a context "github.com/…" is a repository too; as a source it is a path. */
export function isGitContext(text: string): boolean {
  return isGitSource(text) || text.startsWith("github.com/");
}

/** True for a context that is fetched. */
export function isRemoteContext(text: string): boolean {
  return isRemoteSource(text) || isGitContext(text);
}
