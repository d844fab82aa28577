import { type InstructionBase, shapes } from "../statement.ts";
import { exactlyOne, instruction } from "./instruction.ts";

export interface MaintainerInstruction extends InstructionBase {
  kind: "maintainer";
  maintainer: string;
}

/** Sets the image's author. Deprecated for a label. */
export default instruction<MaintainerInstruction>({
  kind: "maintainer",
  keyword: "MAINTAINER",
  summary: "set the image's author; deprecated, use a label",
  usage: ["MAINTAINER NAME"],
  example: "MAINTAINER me@example.org",
  url: "https://docs.docker.com/reference/dockerfile/#maintainer-deprecated",
  shape: shapes.text,
  flags: [],
  notATrigger: true,
  expands: "nothing",
  parse: (statement) => ({ ...statement.base, kind: "maintainer", maintainer: exactlyOne(statement) }),
  configure(to, { maintainer }) {
    to.author = maintainer;
  },
  history: ({ maintainer }) => `MAINTAINER ${maintainer}`,
});
