/** Who COPY --chown and WORKDIR name: numbers, or names looked up in the image's /etc/passwd and /etc/group. */
import { readFileSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import type { StepReport } from "../progress.ts";
import { type Owner, resolveInRoot } from "./rootfs-path.ts";

/**
 * "user", "user:group", ":group", "1000", "1000:app". A name without a group brings its primary group, a number its own value as
 * the group. A name that the image does not know is root, as for BuildKit (its reference says that the build fails): the step's log tells.
 * @param root the step's file system
 */
export function resolveOwner(root: string, text: string, report: StepReport): Owner {
  const [user = "", group] = text.split(/:(.*)/s);
  const { uid, gid } = /^\d+$/.test(user) ? { uid: Number(user), gid: Number(user) } : findUser(root, user, text, report);
  if (group === undefined || group === "") return { uid, gid };
  return { uid, gid: /^\d+$/.test(group) ? Number(group) : (findGroup(root, group, report) ?? gid) };
}

function findUser(root: string, name: string, text: string, report: StepReport): Owner {
  if (name === "" && text !== ":" && text !== "") return { uid: 0, gid: 0 }; // ":group" leaves the user root
  if (name === "") throw new EngineError("dockerfile", `cannot use owner "${text}": it names nobody`);
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
    text = readFileSync(resolveInRoot(root, file), "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .find((fields) => fields[0] === name);
}
