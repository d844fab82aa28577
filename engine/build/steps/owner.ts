/** Who COPY --chown and WORKDIR name: numbers, or names looked up in the image's /etc/passwd and /etc/group. */
import { readLimited } from "../../sys/limited-file.ts";
import type { StepReport } from "../report/index.ts";
import { type Owner, resolveInRoot } from "../workspace/index.ts";

/** Bytes of /etc/passwd or /etc/group, as for BuildKit. */
const maxUsers = 10 << 20;

/**
 * "user", "user:group", ":group", "1000", "1000:app". A name without a group brings its primary group, a number its own value as
 * the group; an empty user or group is root (BuildKit's rules). A name that the image does not know is root too, as for BuildKit (its
 * reference says that the build fails): the step's log tells.
 * @param root the step's file system
 */
export function resolveOwner(root: string, text: string, report: StepReport): Owner {
  const [user = "", group] = text.split(/:(.*)/s);
  const known = numberOf(user);
  const { uid, gid } = known === undefined ? findUser(root, user, report) : { uid: known, gid: known };
  return { uid, gid: group === undefined ? gid : (numberOf(group) ?? findGroup(root, group, report) ?? gid) };
}

/** An id that no file has to say. */
function numberOf(name: string): number | undefined {
  if (name === "" || name === "root") return 0;
  return /^\d+$/.test(name) ? Number(name) : undefined;
}

function findUser(root: string, name: string, report: StepReport): Owner {
  const row = findRow(root, "/etc/passwd", name);
  if (row) return { uid: Number(row[2]), gid: Number(row[3]) };
  warn(report, `no user "${name}" in the image's /etc/passwd: the files are root's. Use a numeric id, or create the user in a RUN before`);
  return { uid: 0, gid: 0 };
}

function findGroup(root: string, name: string, report: StepReport): number | undefined {
  const row = findRow(root, "/etc/group", name);
  if (!row) warn(report, `no group "${name}" in the image's /etc/group. Use a numeric id, or create the group in a RUN before`);
  return row && Number(row[2]);
}

function warn(report: StepReport, text: string): void {
  report.log("stderr", Buffer.from(`warning: ${text}\n`));
}

function findRow(root: string, file: string, name: string): string[] | undefined {
  let text: string;
  try {
    text = readLimited(resolveInRoot(root, file), { limit: maxUsers, name: `the image's ${file}` }).toString("utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .find((fields) => fields[0] === name);
}
