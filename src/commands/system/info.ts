/** `berth info`: what this installation is. */
import type { SystemInfo } from "../../../engine/index.ts";
import { binarySize } from "../../format/size.ts";
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";

const spec: CommandSpec<SystemInfo> = command({
  name: "system info",
  aliases: ["info"],
  group: "system",
  summary: "Display system-wide information",
  examples: [
    { line: "berth info", does: "Print counts, runtime, kernel, cgroup version and directories" },
    { line: "berth info -f '{{.DefaultRuntime}}'", does: "Print one field" },
  ],
  flags: [{ name: "format", short: "f", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" }],
  args: [],
  async *run({ engine }) {
    return engine.system.info();
  },
  present(info, input) {
    const format = textOf(input, "format");
    return format === undefined ? { kind: "text", text: describe(info) } : { kind: "json", values: [info], format };
  },
});

function describe(info: SystemInfo): string {
  const lines = [
    `Containers: ${info.Containers}`,
    ` Running: ${info.ContainersRunning}`,
    ` Paused: ${info.ContainersPaused}`,
    ` Stopped: ${info.ContainersStopped}`,
    `Images: ${info.Images}`,
    `Server Version: ${info.ServerVersion}`,
    `Storage Driver: ${info.Driver}`,
    `Cgroup Driver: ${info.CgroupDriver}`,
    `Cgroup Version: ${info.CgroupVersion}`,
    `Default Runtime: ${info.DefaultRuntime}`,
    "Security Options:",
    ...info.SecurityOptions.map((option) => `  ${option}`),
    `Kernel Version: ${info.KernelVersion}`,
    `Operating System: ${info.OperatingSystem}`,
    `OSType: ${info.OSType}`,
    `Architecture: ${info.Architecture}`,
    `CPUs: ${info.NCPU}`,
    `Total Memory: ${binarySize(info.MemTotal)}`,
    `Name: ${info.Name}`,
    `ID: ${info.ID}`,
    `Root Dir: ${info.DockerRootDir}`,
    ...info.Warnings.map((warning) => `WARNING: ${warning}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

export default spec;
