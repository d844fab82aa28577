import { type InstructionBase, shapes } from "../statement.ts";
import { exactlyOne, instruction } from "./instruction.ts";

export interface UserInstruction extends InstructionBase {
  kind: "user";
  user: string;
}

/** Sets the user for RUN, CMD and ENTRYPOINT. */
export default instruction<UserInstruction>({
  kind: "user",
  keyword: "USER",
  summary: "set the user, and optionally the group, of what runs",
  usage: ["USER USER[:GROUP]", "USER UID[:GID]"],
  example: "USER nobody",
  url: "https://docs.docker.com/reference/dockerfile/#user",
  shape: shapes.text,
  flags: [],
  change: true,
  expands: "the user",
  parse: (statement) => ({ ...statement.base, kind: "user", user: exactlyOne(statement) }),
  expand: (user, expander) => ({ ...user, user: expander.word(user.user) }),
  configure({ config }, { user }) {
    config.User = user;
  },
  history: ({ user }) => `USER ${user}`,
});
