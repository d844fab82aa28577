import { isGitSource, isRemoteSource } from "../remote-source.ts";
import { shapes } from "../statement.ts";
import { type Expander, instruction } from "./instruction.ts";
import { expandTransfer, parseTransfer, type TransferInstruction, transferFlags } from "./transfer.ts";

const digest = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;
/** Hexadecimal digits that an algorithm's digest has. */
const lengths: Record<string, number> = { sha256: 64, sha384: 96, sha512: 128 };

export interface AddInstruction extends TransferInstruction {
  kind: "add";
  /** Undefined when the flag is absent: only git sources have a say then. */
  keepGitDir?: boolean;
  /** "sha256:…" */
  checksum?: string;
  /** Undefined when absent: local archives are unpacked, remote ones are not. */
  unpack?: boolean;
}

/** Like COPY, and also fetches URLs and git repositories and unpacks local archives. */
export default instruction<AddInstruction>({
  kind: "add",
  keyword: "ADD",
  summary: "copy files, unpack local archives, fetch URLs and git repositories",
  usage: ["ADD [OPTIONS] SOURCE… DESTINATION", 'ADD [OPTIONS] ["SOURCE"…, "DESTINATION"]'],
  example: "ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.org/src.tar.gz /src/",
  url: "https://docs.docker.com/reference/dockerfile/#add",
  shape: shapes.jsonOrBlanks,
  flags: [
    { name: "keep-git-dir", type: "switch", summary: "keep .git of a repository" },
    {
      name: "checksum",
      type: "text",
      value: "ALGORITHM:DIGEST|COMMIT",
      summary: "what a download must hash to, or how a commit must begin",
    },
    { name: "unpack", type: "switch", summary: "unpack archives, or do not; default: local ones only" },
    ...transferFlags,
  ],
  heredocs: "files",
  expands: "sources, destination, --chown, --chmod, --checksum, and heredocs whose delimiter is not quoted",
  parse: (statement, flags) => ({
    ...statement.base,
    kind: "add",
    ...parseTransfer(statement),
    chown: flags.text("chown"),
    chmod: flags.text("chmod"),
    link: flags.switch("link") ?? false,
    exclude: flags.list("exclude"),
    keepGitDir: flags.switch("keep-git-dir"),
    checksum: flags.text("checksum"),
    unpack: flags.switch("unpack"),
  }),
  expand(add, expander) {
    const expanded = { ...expandTransfer(add, expander), checksum: expander.optional(add.checksum) };
    if (expanded.checksum) checkChecksum(expanded.checksum, expanded.sources, expander);
    return expanded;
  },
});

/** Of a repository's commit any beginning, of a download the whole digest. */
function checkChecksum(checksum: string, sources: readonly string[], expander: Expander): void {
  const [source = "", ...more] = sources;
  if (more.length > 0) expander.fail("checksum can't be specified for multiple sources");
  if (!isRemoteSource(source)) expander.fail("checksum requires HTTP(S) or Git sources");
  if (isGitSource(source)) return;
  const [algorithm = "", hex = ""] = checksum.split(":");
  if (!digest.test(checksum)) expander.fail(`invalid checksum digest format: "${checksum}"`, "write sha256: and 64 hexadecimal digits");
  if (!lengths[algorithm]) expander.fail(`unsupported digest algorithm: "${algorithm}"`, `use one of ${Object.keys(lengths).join(", ")}`);
  if (hex.length !== lengths[algorithm] || !/^[a-f0-9]+$/.test(hex)) expander.fail(`invalid checksum digest length: "${checksum}"`);
}
