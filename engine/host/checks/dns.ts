/** Names: the host's resolvers that containers are given. */
import { existsSync, readFileSync } from "node:fs";
import { isLoopbackResolver, isResolvedStub, parseResolvConf, resolvedFile } from "../../network/names/index.ts";
import { type Check, type Finding, ok, warning } from "../check.ts";

/** @param text the resolv.conf in force. Pure. */
export function judgeNames(text: string): Finding {
  const { nameservers } = parseResolvConf(text);
  const usable = nameservers.filter((address) => !isLoopbackResolver(address));
  if (usable.length === 0) {
    const found = nameservers.length === 0 ? "names no server" : `names only this host itself (${nameservers.join(", ")})`;
    return warning(
      `/etc/resolv.conf ${found}: containers are given public resolvers`,
      "give containers a server with --dns ADDRESS, or name one that they can reach in /etc/resolv.conf",
    );
  }
  return ok(`names that are no containers' by ${usable.join(", ")}`);
}

export const dns: Check = {
  name: "dns",
  run() {
    const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");
    const text = read("/etc/resolv.conf");
    return judgeNames(isResolvedStub(text) ? read(resolvedFile) : text);
  },
};
