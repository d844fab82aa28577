import { exactlyOne, instruction } from "./instruction.ts";

/** Sets the directory for what follows, and makes it. */
export default instruction({
  kind: "workdir",
  keyword: "WORKDIR",
  summary: "set the working directory, making it when it is missing",
  usage: ["WORKDIR PATH"],
  example: "WORKDIR /app",
  url: "https://docs.docker.com/reference/dockerfile/#workdir",
  shape: "text",
  flags: [],
  expands: "the path",
  parse: (statement) => ({ ...statement.base, kind: "workdir", path: exactlyOne(statement) }),
  expand: (workdir, expander) => ({ ...workdir, path: expander.word(workdir.path) }),
});
