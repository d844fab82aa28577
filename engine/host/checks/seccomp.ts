/** System call filtering: containers get docker's default profile where the kernel filters at all. */
import { readFileSync } from "node:fs";
import { type Check, ok, warning } from "../check.ts";

export const seccomp: Check = {
  name: "seccomp",
  run() {
    // proc(5): the field is there only in kernels built with CONFIG_SECCOMP; 2 would mean that we are filtered ourselves.
    const mode = /^Seccomp:\s*(\d)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (mode === undefined)
      return warning("this kernel does not filter system calls: containers run unconfined", "boot a kernel with CONFIG_SECCOMP_FILTER");
    return ok(mode === "2" ? "filters work; berth itself runs under one" : "filters work; containers get the default profile");
  },
};
