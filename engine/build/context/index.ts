/** What a build is made from: its Dockerfile, contexts, base images, secrets, what is fetched. */
export { archiveMagic, type Compression, inflate, isTarHeader } from "./archive.ts";
export { type BaseImages, createBaseImages } from "./base-images.ts";
export { type BuildSource, type DirectorySource, type IgnoreRules, isFromDirectory, loadSource, readDirectory } from "./build-source.ts";
export { credentialsOf } from "./credentials.ts";
export { type Making, makingOf } from "./from-cache.ts";
export { fetchGit, type GitAddress, parseGitAddress, resolveGit } from "./git.ts";
export { type NamedContexts, openContexts } from "./named.ts";
export { gitAuthorization, httpAuthorization, secretValue } from "./secrets.ts";
export { digestSources, entriesOf, type SelectedEntry, type SelectOptions, type Source, selectSources } from "./select.ts";
export { type ContextSource, openContext } from "./source.ts";
export { type Entry, FileTree } from "./tree.ts";
