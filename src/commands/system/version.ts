/** `berth version`: versions of berth and of what it stands on. */
import type { VersionInfo } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";

/** Docker's shape, so that `{{.Client.Version}}` and `{{.Server.Version}}` work: both are berth. */
interface Versions extends VersionInfo {
  Client: { Version: string; ApiVersion: string; Os: string; Arch: string };
  Server: VersionInfo;
}

const spec: CommandSpec<Versions> = command({
  name: "version",
  group: "system",
  summary: "Show version information",
  examples: [{ line: "berth version", does: "Print the versions of berth, the runtime, conmon and the kernel" }],
  flags: [{ name: "format", short: "f", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" }],
  args: [],
  async *run({ engine }) {
    const info = await engine.system.version();
    const { ApiVersion, Arch, Os, Version } = info;
    return { ...info, Client: { Version, ApiVersion, Os, Arch }, Server: info };
  },
  present(versions, input) {
    const format = textOf(input, "format");
    if (format !== undefined) return { kind: "json", values: [versions], format };
    const lines = [
      `berth ${versions.Version}`,
      ` API version:  ${versions.ApiVersion}`,
      ` OS/Arch:      ${versions.Os}/${versions.Arch}`,
      ` Kernel:       ${versions.KernelVersion}`,
      ...versions.Components.map(({ Name, Version }) => ` ${`${Name}:`.padEnd(13)} ${Version}`),
    ];
    return { kind: "lines", lines };
  },
});

export default spec;
