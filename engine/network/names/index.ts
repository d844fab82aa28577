/** Names: a container's name files, the name server of user networks, links. */
export { writeNames } from "./dns.ts";
export { containerFiles } from "./files.ts";
export { dropLinks, forgetLink, settleLinks, tellNeighbours } from "./links.ts";
export { rewriteFiles } from "./name-files.ts";
export { parseLink } from "./parse-link.ts";
export { isLoopbackResolver, isResolvedStub, parseResolvConf, resolvedFile } from "./resolv-conf.ts";
export { leadToResolver } from "./resolver.ts";
