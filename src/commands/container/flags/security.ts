/** Flags about isolation: capabilities, privileges, seccomp, namespaces, kernel parameters. */
import { resolve } from "node:path";
import { isSet, listOf, pairsOf, textOf } from "../../flag-values.ts";
import { badFlag, type FlagGroup } from "./draft.ts";
import { readText } from "./identity.ts";

export const security: FlagGroup = {
  flags: [
    { name: "cap-add", type: "list", placeholder: "CAPABILITY", help: "Add a Linux capability" },
    { name: "cap-drop", type: "list", placeholder: "CAPABILITY", help: "Drop a Linux capability" },
    { name: "privileged", type: "boolean", help: "Give extended privileges to the container" },
    {
      name: "security-opt",
      type: "list",
      placeholder: "OPTION",
      help: "Security option: no-new-privileges, seccomp=FILE or seccomp=unconfined",
    },
    { name: "read-only", type: "boolean", help: "Mount the container's root file system read-only" },
    { name: "pid", type: "string", placeholder: "MODE", help: "PID namespace: host or container:ID" },
    { name: "ipc", type: "string", placeholder: "MODE", help: "IPC namespace: private, shareable, host, none or container:ID" },
    { name: "uts", type: "string", placeholder: "MODE", help: "UTS namespace: host" },
    { name: "userns", type: "string", placeholder: "MODE", help: "User namespace: host" },
    { name: "cgroupns", type: "string", choices: ["host", "private"], placeholder: "MODE", help: "Cgroup namespace: host or private" },
    { name: "sysctl", type: "list", placeholder: "NAME=VALUE", help: "Kernel parameter of the container's namespaces" },
  ],
  apply(input, { host, cwd }) {
    host.CapAdd = optional(listOf(input, "cap-add"));
    host.CapDrop = optional(listOf(input, "cap-drop"));
    host.Privileged = isSet(input, "privileged");
    // Not given, it is the image's word (io.berth.security.read-only).
    host.ReadonlyRootfs = input.flags["read-only"] as boolean | undefined;
    const options = listOf(input, "security-opt").map((word) => parseSecurityOption(word, cwd));
    host.SecurityOpt = optional(options.filter((word) => word !== openPaths));
    // As docker's client: nothing is hidden and nothing is read-only below /proc and /sys.
    if (options.includes(openPaths)) Object.assign(host, { MaskedPaths: [], ReadonlyPaths: [] });
    host.PidMode = namespace(textOf(input, "pid"), "pid", ["host"]);
    host.IpcMode = namespace(textOf(input, "ipc"), "ipc", ["private", "shareable", "host", "none"]);
    host.UTSMode = namespace(textOf(input, "uts"), "uts", ["host"]);
    host.UsernsMode = namespace(textOf(input, "userns"), "userns", ["host"]);
    host.CgroupnsMode = textOf(input, "cgroupns") as "host" | "private" | undefined;
    const sysctls = listOf(input, "sysctl");
    for (const word of sysctls) {
      if (!/^[^=\s]+=.+/s.test(word)) throw badFlag("sysctl", word, "must be NAME=VALUE");
      if (!isNamespaced(word.split("=")[0]!)) throw badFlag("sysctl", word, `sysctl '${word}' is not allowed`);
    }
    if (sysctls.length > 0) host.Sysctls = pairsOf(sysctls);
  },
};

const openPaths = "systempaths=unconfined";

/** Parameters that the kernel keeps per namespace; all others are the host's. */
function isNamespaced(name: string): boolean {
  const ipc = ["msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced"];
  return name.startsWith("net.") || name.startsWith("fs.mqueue.") || ipc.some((each) => name === `kernel.${each}`);
}

function optional(list: string[]): string[] | undefined {
  return list.length > 0 ? list : undefined;
}

function namespace(mode: string | undefined, flag: string, modes: string[]): string | undefined {
  if (mode === undefined || mode === "" || modes.includes(mode)) return mode;
  if (flag !== "uts" && flag !== "userns" && /^container:.+/.test(mode)) return mode;
  throw badFlag(flag, mode, `must be ${modes.join(", ")}${flag === "uts" || flag === "userns" ? "" : " or container:ID"}`);
}

/** `seccomp=FILE` carries the file's JSON, as docker's client sends it: the engine reads no user paths. */
function parseSecurityOption(word: string, cwd: string): string {
  if (word === "no-new-privileges") return word;
  const [, key = word, value = ""] = /^([^=:]+)[=:](.*)$/s.exec(word) ?? [];
  const known = ["no-new-privileges", "seccomp", "apparmor", "label", "systempaths", "writable-cgroups"];
  if (!known.includes(key)) throw badFlag("security-opt", word, `unknown option "${key}"`);
  const isTruth = ["true", "false", "1", "0"].includes(value);
  if (key === "no-new-privileges" && !isTruth) throw badFlag("security-opt", word, "no-new-privileges is true or false");
  if (key === "systempaths" && value !== "unconfined") throw badFlag("security-opt", word, 'systempaths can only be "unconfined"');
  if (key !== "seccomp" || value === "unconfined" || value === "builtin") return `${key}=${value}`;
  const text = readText(resolve(cwd, value));
  try {
    return `seccomp=${JSON.stringify(JSON.parse(text))}`;
  } catch (cause) {
    throw badFlag("security-opt", word, `the seccomp profile is not JSON: ${(cause as Error).message}`);
  }
}
