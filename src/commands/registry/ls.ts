/** `berth registry ls`: the registries that this machine knows, or the repositories of one. */
import { type Column, type CommandSpec, command, type Input } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { insecureFlag, lastFlag, limitFlag, listFormatFlag } from "./flags.ts";
import { type KnownRegistry, knownRegistries } from "./known.ts";
import { completeRegistries } from "./names.ts";
import { pagingOf, takeNames } from "./pages.ts";

interface RepositoryRow {
  /** As command lines name it: "localhost:5000/team/app". */
  Repository: string;
  /** Within its registry. */
  Name: string;
}

const registryColumns: Column<KnownRegistry>[] = [
  { header: "REGISTRY", field: "Name", value: ({ Name }) => Name },
  { header: "LOGGED IN", field: "LoggedIn", value: ({ LoggedIn }) => (LoggedIn ? "yes" : "no") },
  { header: "IMAGES HERE", field: "Images", value: ({ Images }) => String(Images) },
];

const repositoryColumns: Column<RepositoryRow>[] = [
  { header: "REPOSITORY", field: "Repository", value: ({ Repository }) => Repository },
  { header: "NAME", field: "Name", hidden: true, value: ({ Name }) => Name },
];

const isOfOne = ({ args }: Input) => args.length > 0;

const spec: CommandSpec<(KnownRegistry | RepositoryRow)[]> = command<(KnownRegistry | RepositoryRow)[]>({
  summary: "List the repositories of a registry, or the registries that are known here",
  description:
    "Repositories come from the registry's catalog, which not every registry has: Docker Hub has none. Known are registries with credentials ('berth login', 'docker login') and those that images here came from or went to.",
  examples: [
    { line: "berth registry ls", does: "Show the registries that are known here" },
    { line: "berth registry ls localhost:5000", does: "Show the repositories of one" },
    { line: "berth registry ls --limit 100 --last team/app registry.example.org", does: "Show a hundred, beginning behind one" },
  ],
  flags: [
    listFormatFlag,
    insecureFlag,
    lastFlag,
    limitFlag,
    { name: "quiet", short: "q", type: "boolean", help: "Print only names, as command lines take them" },
  ],
  args: [{ name: "REGISTRY", optional: true }],
  place: "anywhere",
  complete: completeRegistries,
  async *run({ engine, signal }, input) {
    const [registry] = input.args;
    if (registry === undefined) return await knownRegistries(engine);
    const { listRepositories, registryName } = await import("../../../engine/registry/repositories/index.ts");
    const wanted = pagingOf(input);
    const pages = listRepositories(registry, { insecure: isSet(input, "insecure"), signal, paging: wanted.paging });
    const names = await takeNames(pages, wanted);
    return names.map((Name) => ({ Repository: `${registryName(registry)}/${Name}`, Name }));
  },
  blank: [],
  present(rows, input) {
    const [format, quiet] = [textOf(input, "format"), isSet(input, "quiet")];
    const columns = isOfOne(input) ? repositoryColumns : registryColumns;
    return { kind: "table", columns, rows, format, quiet, key: isOfOne(input) ? "Repository" : "Name" };
  },
});

export default spec;
