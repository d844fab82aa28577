/** User namespaces, which --userns and rootless operation stand on. */
import { existsSync, readFileSync } from "node:fs";
import { type Check, type Finding, ok, warning } from "../check.ts";

/** @param limit /proc/sys/user/max_user_namespaces, undefined where the kernel has none. Pure. */
export function judgeUserNamespaces(limit: number | undefined): Finding {
  if (limit === undefined) return warning("this kernel has no user namespaces: --userns is refused", "boot a kernel with CONFIG_USER_NS");
  if (limit === 0) return warning("user namespaces are switched off: --userns is refused", "sysctl -w user.max_user_namespaces=15000");
  return ok(`available (at most ${limit})`);
}

export const userNamespaces: Check = {
  name: "user namespaces",
  run() {
    const file = "/proc/sys/user/max_user_namespaces";
    const isBuiltIn = existsSync("/proc/self/ns/user") && existsSync(file);
    return judgeUserNamespaces(isBuiltIn ? Number(readFileSync(file, "utf8")) : undefined);
  },
};
