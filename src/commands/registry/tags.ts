/** `berth registry tags`: the tags of a repository, and what is behind them. */

import type { SignatureState } from "../../../engine/trust/index.ts";
import { ago } from "../../format/duration.ts";
import { humanSize } from "../../format/size.ts";
import { type Column, type CommandSpec, command, type Input } from "../command.ts";
import { isSet, listOf, textOf } from "../flag-values.ts";
import { requirementOf } from "../trust/requirement.ts";
import { insecureFlag, keyFlag, lastFlag, limitFlag, listFormatFlag } from "./flags.ts";
import { completeRepositories } from "./names.ts";
import { pagingOf, takeNames } from "./pages.ts";

interface TagRow {
  /** As command lines name it: "localhost:5000/team/app:1.0". */
  Reference: string;
  Repository: string;
  Tag: string;
  Digest?: string;
  Size?: number;
  Created?: string;
  Platforms?: string[];
  /** Something signs it, whoever that was. */
  Signed?: boolean;
  Signature?: SignatureState;
}

const plain: Column<TagRow>[] = [
  { header: "TAG", field: "Tag", value: ({ Tag }) => Tag },
  { header: "REPOSITORY", field: "Repository", hidden: true, value: ({ Repository }) => Repository },
  { header: "REFERENCE", field: "Reference", hidden: true, value: ({ Reference }) => Reference },
];

const digestColumn: Column<TagRow> = { header: "DIGEST", field: "Digest", value: ({ Digest = "" }) => Digest };

const detailed: Column<TagRow>[] = [
  { header: "SIZE", field: "Size", value: ({ Size }) => (Size === undefined ? "" : humanSize(Size)) },
  { header: "CREATED", field: "CreatedSince", value: ({ Created }) => (Created === undefined ? "" : ago(Date.parse(Created) / 1000)) },
  { header: "CREATED AT", field: "CreatedAt", hidden: true, value: ({ Created = "" }) => Created },
  { header: "PLATFORMS", field: "Platforms", value: ({ Platforms = [] }) => Platforms.join(", ") },
  { header: "SIGNATURE", field: "Signature", value: ({ Signature = "" }) => Signature },
  { header: "SIGNED", field: "Signed", hidden: true, value: ({ Signed }) => (Signed === undefined ? "" : Signed ? "yes" : "no") },
];

/** What has to be asked for each tag: flags say it, and fields that a template names. */
function wishes(input: Input): { digests: boolean; details: boolean } {
  const format = textOf(input, "format") ?? "";
  const names = (fields: readonly Column<TagRow>[]) => fields.some(({ field }) => new RegExp(`\\.${field}\\b`).test(format));
  return {
    digests: isSet(input, "digests") || names([digestColumn]),
    details: isSet(input, "size") || listOf(input, "key").length > 0 || names(detailed),
  };
}

const spec: CommandSpec<TagRow[]> = command<TagRow[]>({
  summary: "List the tags of a repository in its registry",
  description:
    'In lexical order. Digests, sizes and the rest are asked for tag by tag, when they are wanted. The size is what a pull fetches for this host\'s platform, or for the first that there is. SIGNATURE is "none"; "present" where one is there and nothing says whose count; and where keys are given or a policy of this host asks for some, "verified" when they hold, or else "untrusted".',
  examples: [
    { line: "berth registry tags localhost:5000/team/app", does: "Show all tags" },
    { line: "berth registry tags --digests --size localhost:5000/team/app", does: "Show what is behind them, too" },
    { line: "berth registry tags --key release.pub localhost:5000/team/app", does: "Show which are signed by that key" },
    { line: "berth registry tags --limit 20 --last 3.9 --format '{{.Reference}}' python", does: "Show twenty, beginning behind one" },
  ],
  flags: [
    { name: "digests", type: "boolean", help: "Show digests, as 'images' does" },
    listFormatFlag,
    insecureFlag,
    keyFlag,
    lastFlag,
    limitFlag,
    { name: "omit-digest-tags", type: "boolean", help: "Leave out tags that are made of digests, which hold signatures and the like" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only tags" },
    { name: "size", short: "s", type: "boolean", help: "Show size, age, platforms and signatures" },
  ],
  args: [{ name: "REPOSITORY" }],
  place: "anywhere",
  complete: completeRepositories,
  async *run(context, input) {
    const { digestOfTag, eachOf, isDigestTag, repositoryClient, tagPages } = await import("../../../engine/registry/repositories/index.ts");
    const [repository = ""] = input.args;
    const access = { insecure: isSet(input, "insecure"), signal: context.signal };
    const [client, whose] = [repositoryClient(repository, access), await requirementOf(context, input)];
    const { digests, details } = wishes(input);
    const wanted = pagingOf(input);
    const all = await takeNames(tagPages(client, wanted.paging), wanted);
    const known = new Set(all);
    // Only who has seen all tags knows which cosign has not made.
    const asked = Number.isFinite(wanted.limit) || wanted.paging.last !== undefined ? undefined : known;
    const tags = isSet(input, "omit-digest-tags") ? all.filter((tag) => !isDigestTag(tag)) : all;
    return await eachOf(tags, async (Tag): Promise<TagRow> => {
      const named = { Reference: `${repository}:${Tag}`, Repository: repository, Tag };
      if (details) {
        const { describeJudged } = await import("../../../engine/trust/index.ts");
        const { MediaType: _type, Digest, ...found } = await describeJudged(client, Tag, { ...access, tags: asked }, whose);
        return { ...named, ...(digests && { Digest }), ...found };
      }
      return digests ? { ...named, Digest: await digestOfTag(client, Tag) } : named;
    });
  },
  blank: [],
  present(rows, input) {
    const { digests, details } = wishes(input);
    const columns = [...plain, ...(digests ? [digestColumn] : []), ...(details ? detailed : [])];
    return { kind: "table", columns, rows, format: textOf(input, "format"), quiet: isSet(input, "quiet"), key: "Tag" };
  },
});

export default spec;
