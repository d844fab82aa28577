/** Writes a choice made on the screen into the user's file, which keeps its comments and all else that it says. */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { EngineError } from "../../engine/errors.ts";
import { configFile, parseSettings } from "./read.ts";

/** @returns the file @throws EngineError `invalid` where it cannot be written, or is wrong already */
export async function saveColumns(env: Record<string, string | undefined>, list: string, columns: readonly string[]): Promise<string> {
  const file = configFile(env);
  if (!file)
    throw new EngineError("invalid", "cannot save the columns: there is no home directory", { hint: "set HOME or XDG_CONFIG_HOME" });
  const { parseDocument } = await import("yaml");
  const before = await readFile(file, "utf8").catch(() => "");
  if (before) await parseSettings(before, file); // what is wrong is not made worse
  const document = parseDocument(before);
  document.setIn(["lists", list, "columns"], document.createNode(columns, { flow: true }));
  const fresh = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(fresh, document.toString());
    await rename(fresh, file);
  } catch (cause) {
    await rm(fresh, { force: true }).catch(() => {});
    throw new EngineError("invalid", `cannot save the columns in "${file}": ${(cause as Error).message}`, { cause });
  }
  return file;
}
