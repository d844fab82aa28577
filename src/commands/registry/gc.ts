/** `berth registry gc`: a registry's directory tidied up while nobody serves it. */
import { resolve } from "node:path";
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { isSet, listOf, numberOf, textOf } from "../flag-values.ts";
import { type Gone, lineOfGone, usualDirectory, usualGrace } from "./directory.ts";

interface Tidied {
  /** With --dry-run: nothing was changed. */
  DryRun?: boolean;
  /** Tags, manifests and contents that went, and why. */
  Gone: Gone[];
  /** Contents among them, and their bytes. */
  Contents: number;
  Bytes: number;
  /** With --scrub: contents that were read, and digests of those that are damaged. */
  Checked?: number;
  Damaged?: string[];
}

const spec: CommandSpec<Tidied> = command<Tidied>({
  summary: "Remove what is to go from a registry's directory",
  description:
    "Blobs that no manifest of their repository is made of, and contents that no repository has; before, tags and manifests that the rules of retention in a configuration file let go. A registry that is being served does that by itself (see --gc-interval of 'berth registry serve'). With --scrub every content is compared with its digest before; what is damaged is set aside, and the next push brings it again.",
  examples: [
    { line: "berth registry gc ./registry", does: "Remove what nothing has named for a day" },
    { line: "berth registry gc --config registry.yaml --dry-run", does: "Tell what would go, and why" },
    { line: "berth registry gc --scrub --grace 0s ./registry", does: "Look for damage, and remove all that nothing names" },
  ],
  flags: [
    {
      name: "config",
      type: "string",
      placeholder: "FILE",
      help: "The registry's configuration file, with rules of retention",
      subject: "file",
    },
    { name: "dry-run", type: "boolean", help: "Change nothing; tell what would go, and why" },
    { name: "immutable-tags", type: "list", placeholder: "GLOB", help: "As 'berth registry serve' has them: they never go" },
    { name: "grace", type: "duration", placeholder: "TIME", help: "Leave what was written or asked for since (default 24h)" },
    { name: "scrub", type: "boolean", help: "Compare every content with its digest first" },
  ],
  place: "anywhere",
  args: [{ name: "DIRECTORY", optional: true, subject: "directory", help: `The registry's (default ${usualDirectory})` }],
  present: ({ DryRun, Gone, Contents, Bytes, Checked, Damaged }) => ({
    kind: "lines",
    lines: [
      ...(Damaged ? [`${Checked} contents checked, ${Damaged.length} damaged`, ...Damaged] : []),
      ...Gone.map(lineOfGone),
      `${DryRun ? "would remove" : "removed"} ${Contents} contents that nothing names any more: ${Bytes} bytes`,
    ],
  }),
  exitStatus: ({ Damaged }) => (Damaged && Damaged.length > 0 ? 1 : 0),
  async *run({ io }, input) {
    const root = resolve(io.cwd, input.args[0] ?? usualDirectory);
    return tidy(root, input, io.cwd);
  },
});

async function tidy(root: string, input: Input, cwd: string): Promise<Tidied> {
  const { existsSync } = await import("node:fs");
  if (!existsSync(resolve(root, "registry.json")))
    throw new EngineError("not-found", `no registry in "${root}"`, { hint: "name the directory that 'berth registry serve' was given" });
  const { repositoryGlob, openDirectory, openSettings } = await import("../../../engine/registry/server/index.ts");
  const config = textOf(input, "config");
  const { retention = [] } = await openSettings(config === undefined ? undefined : resolve(cwd, config), undefined);
  const immutable = listOf(input, "immutable-tags").map(repositoryGlob);
  await using storage = await openDirectory({ root, retention, isImmutable: (tag) => immutable.some((pattern) => pattern.test(tag)) });
  const scrubbed = isSet(input, "scrub") ? await storage.scrub() : undefined;
  const isDry = isSet(input, "dry-run");
  const { gone, contents, bytes } = await storage.collect(numberOf(input, "grace") ?? usualGrace, isDry);
  return {
    ...(isDry && { DryRun: true }),
    Gone: gone,
    Contents: contents,
    Bytes: bytes,
    ...(scrubbed && { Checked: scrubbed.checked, Damaged: scrubbed.damaged }),
  };
}

export default spec;
