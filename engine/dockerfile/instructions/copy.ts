import { expand } from "../expand.ts";
import { shapes } from "../statement.ts";
import { instruction } from "./instruction.ts";
import { expandTransfer, parseTransfer, type TransferInstruction, transferFlags } from "./transfer.ts";

const noVariables = { get: () => undefined };

export interface CopyInstruction extends TransferInstruction {
  kind: "copy";
  /** Stage name or index, image, or named context. */
  from?: string;
  parents: boolean;
}

/** Copies files from the context, a stage, an image or the Dockerfile itself. */
export default instruction<CopyInstruction>({
  kind: "copy",
  keyword: "COPY",
  summary: "copy files from the context, another stage, an image, or the Dockerfile itself",
  usage: ["COPY [OPTIONS] SOURCE… DESTINATION", 'COPY [OPTIONS] ["SOURCE"…, "DESTINATION"]', "COPY [OPTIONS] <<NAME DESTINATION"],
  example: "COPY --from=build /out/app /usr/local/bin/",
  url: "https://docs.docker.com/reference/dockerfile/#copy",
  shape: shapes.jsonOrBlanks,
  flags: [
    { name: "from", type: "text", value: "STAGE|INDEX|IMAGE|CONTEXT", summary: "copy from there instead of the context" },
    ...transferFlags,
    { name: "parents", type: "switch", summary: "keep the sources' parent directories" },
  ],
  heredocs: "files",
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
  from: { verb: "copy", of: ({ from }) => (from === undefined ? [] : [from]) },
});
