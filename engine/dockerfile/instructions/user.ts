import { exactlyOne, instruction } from "./instruction.ts";

/** Sets the user for RUN, CMD and ENTRYPOINT. */
export default instruction({
  kind: "user",
  keyword: "USER",
  summary: "set the user, and optionally the group, of what runs",
  usage: ["USER USER[:GROUP]", "USER UID[:GID]"],
  example: "USER nobody",
  url: "https://docs.docker.com/reference/dockerfile/#user",
  shape: "text",
  flags: [],
  expands: "the user",
  parse: (statement) => ({ ...statement.base, kind: "user", user: exactlyOne(statement) }),
  expand: (user, expander) => ({ ...user, user: expander.word(user.user) }),
});
