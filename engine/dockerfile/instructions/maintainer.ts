import { exactlyOne, instruction } from "./instruction.ts";

/** Sets the image's author. Deprecated for a label. */
export default instruction({
  kind: "maintainer",
  keyword: "MAINTAINER",
  summary: "set the image's author; deprecated, use a label",
  usage: ["MAINTAINER NAME"],
  example: "MAINTAINER me@example.org",
  url: "https://docs.docker.com/reference/dockerfile/#maintainer-deprecated",
  shape: "text",
  flags: [],
  notATrigger: true,
  expands: "nothing",
  parse: (statement) => ({ ...statement.base, kind: "maintainer", maintainer: exactlyOne(statement) }),
});
