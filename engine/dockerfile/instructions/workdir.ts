import { type InstructionBase, shapes } from "../statement.ts";
import { exactlyOne, instruction } from "./instruction.ts";

export interface WorkdirInstruction extends InstructionBase {
  kind: "workdir";
  path: string;
}

/** Sets the directory for what follows, and makes it. */
export default instruction<WorkdirInstruction>({
  kind: "workdir",
  keyword: "WORKDIR",
  summary: "set the working directory, making it when it is missing",
  usage: ["WORKDIR PATH"],
  example: "WORKDIR /app",
  url: "https://docs.docker.com/reference/dockerfile/#workdir",
  shape: shapes.text,
  flags: [],
  change: true,
  expands: "the path",
  parse: (statement) => ({ ...statement.base, kind: "workdir", path: exactlyOne(statement) }),
  expand: (workdir, expander) => ({ ...workdir, path: expander.word(workdir.path) }),
  configure({ config }, { path }) {
    config.WorkingDir = path.startsWith("/") ? path : joinWorkdir(config.WorkingDir, path);
  },
  history: (_, { WorkingDir }) => `WORKDIR ${WorkingDir}`,
});

/** The directory a WORKDIR leads to, clean: relative ones start at the one before. */
export function joinWorkdir(current: string | undefined, path: string): string {
  const parts: string[] = [];
  for (const part of `${path.startsWith("/") ? "" : (current ?? "/")}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}
