/** `berth version`: versions of berth and of what it stands on. */
import type { VersionInfo } from "../../../engine/index.ts";
import { version } from "../../version.ts";
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { hostOf } from "./host-of.ts";

/** What a program says of its own making; berth is not compiled, and leaves it empty. */
const made = { GitCommit: "", GoVersion: "", BuildTime: "" };

/** Docker's shape, so that `{{.Client.Version}}` and `{{.Server.APIVersion}}` work: both are berth, unless the server is another host's. */
interface Versions {
  Client: typeof made & {
    Version: string;
    ApiVersion: string;
    DefaultAPIVersion: string;
    Os: string;
    Arch: string;
    Context: string;
    Host?: string;
  };
  Server: typeof made & VersionInfo & { Platform: { Name: string }; Experimental: boolean };
}

const spec: CommandSpec<Versions> = command({
  summary: "Show version information",
  examples: [
    { line: "berth version", does: "Print the versions of berth, the runtime, conmon and the kernel" },
    { line: "berth version -f '{{.Server.Version}}'", does: "Print one of them" },
  ],
  flags: [{ name: "format", short: "f", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" }],
  args: [],
  async *run({ engine }) {
    const info = await engine.system.version();
    const { ApiVersion, Arch, Os } = info;
    return {
      Client: { Version: version, ApiVersion, DefaultAPIVersion: ApiVersion, ...made, Os, Arch, ...hostOf(engine) },
      // Another host's server says of itself what it is.
      Server: { Platform: { Name: "berth" }, ...made, ...info, Experimental: false },
    };
  },
  present(versions, input) {
    const format = textOf(input, "format");
    return format === undefined
      ? { kind: "lines", lines: describe(versions) }
      : { kind: "json", values: [versions], format, shape: () => "Versions" };
  },
});

function describe({ Client, Server }: Versions): string[] {
  const field = (depth: number, name: string, value: string) => `${" ".repeat(depth)}${`${name}:`.padEnd(20 - depth)}${value}`;
  return [
    "Client:",
    field(1, "Version", Client.Version),
    field(1, "API version", Client.ApiVersion),
    field(1, "OS/Arch", `${Client.Os}/${Client.Arch}`),
    field(1, "Context", Client.Context),
    ...(Client.Host === undefined ? [] : [field(1, "Host", Client.Host)]),
    "",
    "Server:",
    " Engine:",
    field(2, "Version", Server.Version),
    field(2, "API version", `${Server.ApiVersion} (minimum version ${Server.MinAPIVersion})`),
    field(2, "OS/Arch", `${Server.Os}/${Server.Arch}`),
    field(2, "Kernel", Server.KernelVersion),
    ...Server.Components.flatMap(({ Name, Version }) => [` ${Name}:`, field(2, "Version", Version)]),
  ];
}

export default spec;
