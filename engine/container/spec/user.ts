/** `--user` and USER: names looked up in the container's own /etc/passwd and /etc/group, as docker does. */
import { EngineError } from "../../errors.ts";
import { readInRoot } from "../../sys/in-root.ts";

export interface ResolvedUser {
  uid: number;
  gid: number;
  additionalGids: number[];
  home: string;
}

interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

interface GroupEntry {
  name: string;
  gid: number;
  members: string[];
}

const largest = 2 ** 31 - 1;

/**
 * @param rootfs absolute path of the root file system; lookups cannot leave it
 * @param user "", "name", "uid", "name:group", "uid:gid"
 * @param groupAdd further groups, by name or number
 * @throws EngineError `invalid` for an unknown name or a number out of range
 */
export function resolveUser(rootfs: string, user: string | undefined, groupAdd: readonly string[] = []): ResolvedUser {
  return lookUp(readInRoot(rootfs, "/etc/passwd") ?? "", readInRoot(rootfs, "/etc/group") ?? "", user, groupAdd);
}

/** The same on the files' texts. Pure. */
export function lookUp(passwd: string, group: string, user = "", groupAdd: readonly string[] = []): ResolvedUser {
  const [name = "", groupName = ""] = user.split(":");
  const entry = findUser(parsePasswd(passwd), name, user);
  const groups = parseGroup(group);
  // docker: an explicit group replaces the user's memberships, a bare user brings them along.
  const memberships = groupName
    ? []
    : groups.filter(({ members }) => entry.name !== "" && members.includes(entry.name)).map(({ gid }) => gid);
  const gid = groupName ? findGroup(groups, groupName) : entry.gid;
  const added = groupAdd.map((each) => findGroup(groups, each));
  // The primary group is a supplementary one too: else a setgid program would shed it, and with it rules that deny it
  // access (CVE-2022-36109).
  return { uid: entry.uid, gid, additionalGids: [...new Set([gid, ...memberships, ...added])], home: entry.home || "/" };
}

function findUser(entries: readonly PasswdEntry[], name: string, text: string): PasswdEntry {
  if (name === "") return entries.find(({ uid }) => uid === 0) ?? { name: "root", uid: 0, gid: 0, home: "/root" };
  const found =
    entries.find((entry) => entry.name === name) ?? (isNumber(name) ? entries.find(({ uid }) => uid === Number(name)) : undefined);
  if (found) return found;
  if (!isNumber(name))
    throw new EngineError("invalid", `unable to find user ${name}: no matching entries in passwd file`, {
      exit: 125,
      hint: "name a user of the image, or give a number",
    });
  return { name: "", uid: inRange(name, text), gid: 0, home: "/" };
}

function findGroup(groups: readonly GroupEntry[], name: string): number {
  const found = groups.find((entry) => entry.name === name);
  if (found) return found.gid;
  if (!isNumber(name))
    throw new EngineError("invalid", `unable to find group ${name}: no matching entries in group file`, {
      exit: 125,
      hint: "name a group of the image, or give a number",
    });
  return inRange(name, name);
}

const isNumber = (text: string) => /^-?\d+$/.test(text);

function inRange(number: string, text: string): number {
  const value = Number(number);
  if (value < 0 || value > largest)
    throw new EngineError("invalid", `uids and gids must be in range 0-${largest}: "${text}"`, { exit: 125 });
  return value;
}

/** passwd(5); lines that are not entries are skipped, as the C library does. */
function parsePasswd(text: string): PasswdEntry[] {
  return records(text).flatMap(([name = "", , uid = "", gid = "", , home = ""]) =>
    isNumber(uid) && isNumber(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home }] : [],
  );
}

/** group(5) */
function parseGroup(text: string): GroupEntry[] {
  return records(text).flatMap(([name = "", , gid = "", members = ""]) =>
    isNumber(gid) ? [{ name, gid: Number(gid), members: members.split(",").filter(Boolean) }] : [],
  );
}

const records = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(":"));
