import { expand } from "../expand.ts";
import { instruction } from "./instruction.ts";
import { expandTransfer, parseTransfer, transferFlags } from "./transfer.ts";

const noVariables = { get: () => undefined };

/** Copies files from the context, a stage, an image or the Dockerfile itself. */
export default instruction({
  kind: "copy",
  keyword: "COPY",
  summary: "copy files from the context, another stage, an image, or the Dockerfile itself",
  usage: ["COPY [OPTIONS] SOURCE… DESTINATION", 'COPY [OPTIONS] ["SOURCE"…, "DESTINATION"]', "COPY [OPTIONS] <<NAME DESTINATION"],
  example: "COPY --from=build /out/app /usr/local/bin/",
  url: "https://docs.docker.com/reference/dockerfile/#copy",
  shape: "json-or-blanks",
  flags: [
    { name: "from", type: "text", value: "STAGE|INDEX|IMAGE|CONTEXT", summary: "copy from there instead of the context" },
    ...transferFlags,
    { name: "parents", type: "switch", summary: "keep the sources' parent directories" },
  ],
  heredocs: true,
  expands: "sources, destination, --chown, --chmod, and heredocs whose delimiter is not quoted",
  parse(statement, flags) {
    const from = flags.text("from");
    if (from && statement.attempt(() => expand(from, noVariables).word) !== from) {
      const message =
        "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround";
      statement.fail(message, flags.words("from")[0]);
    }
    return {
      ...statement.base,
      kind: "copy",
      ...parseTransfer(statement),
      // An empty --from is no --from.
      from: from || undefined,
      chown: flags.text("chown"),
      chmod: flags.text("chmod"),
      link: flags.switch("link") ?? false,
      parents: flags.switch("parents") ?? false,
      exclude: flags.list("exclude"),
    };
  },
  expand: expandTransfer,
});
