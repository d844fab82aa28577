/** `berth info`: what this installation is. */
import type { SystemInfo } from "../../../engine/index.ts";
import { binarySize } from "../../format/size.ts";
import { version } from "../../version.ts";
import { type CommandSpec, command } from "../command.ts";
import { splitPair, textOf } from "../flag-values.ts";
import { hostOf } from "./host-of.ts";

/** docker's members for the side that asks. */
type Info = SystemInfo & { ClientInfo: { Debug: boolean; Version: string } & ReturnType<typeof hostOf> };

const spec: CommandSpec<Info> = command({
  summary: "Display system-wide information",
  examples: [
    { line: "berth info", does: "Print counts, runtime, kernel, cgroup version and directories" },
    { line: "berth info -f '{{.DefaultRuntime}}'", does: "Print one field" },
  ],
  flags: [{ name: "format", short: "f", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" }],
  args: [],
  async *run({ engine }) {
    return { ...(await engine.system.info()), ClientInfo: { Debug: false, Version: version, ...hostOf(engine) } };
  },
  present(info, input) {
    const format = textOf(input, "format");
    return format === undefined ? { kind: "text", text: describe(info) } : { kind: "json", values: [info], format, shape: () => "Info" };
  },
});

function describe(info: Info): string {
  const server = [
    `Containers: ${info.Containers}`,
    ` Running: ${info.ContainersRunning}`,
    ` Paused: ${info.ContainersPaused}`,
    ` Stopped: ${info.ContainersStopped}`,
    `Images: ${info.Images}`,
    `Server Version: ${info.ServerVersion}`,
    `Storage Driver: ${info.Driver}`,
    `Logging Driver: ${info.LoggingDriver}`,
    `Cgroup Driver: ${info.CgroupDriver}`,
    `Cgroup Version: ${info.CgroupVersion}`,
    "Plugins:",
    ` Volume: ${info.Plugins.Volume.join(" ")}`,
    ` Network: ${info.Plugins.Network.join(" ")}`,
    ` Log: ${info.Plugins.Log.join(" ")}`,
    `Swarm: ${info.Swarm.LocalNodeState}`,
    `Runtimes: ${Object.keys(info.Runtimes).join(" ")}`,
    `Default Runtime: ${info.DefaultRuntime}`,
    `Init Binary: ${info.InitBinary}`,
    "Security Options:",
    ...info.SecurityOptions.flatMap(securityLines),
    `Kernel Version: ${info.KernelVersion}`,
    `Operating System: ${info.OperatingSystem}`,
    `OSType: ${info.OSType}`,
    `Architecture: ${info.Architecture}`,
    `CPUs: ${info.NCPU}`,
    `Total Memory: ${binarySize(info.MemTotal)}`,
    `Name: ${info.Name}`,
    `ID: ${info.ID}`,
    `Docker Root Dir: ${info.DockerRootDir}`,
    `Debug Mode: ${info.Debug}`,
    `Experimental: ${info.ExperimentalBuild}`,
    `Live Restore Enabled: ${info.LiveRestoreEnabled}`,
  ];
  const { Context, Host } = info.ClientInfo;
  const client = [`Version:    ${version}`, `Context:    ${Context}`, ...(Host ? [`Host:       ${Host}`] : []), "Debug Mode: false"];
  const below = (lines: readonly string[]) => lines.map((line) => ` ${line}`);
  const lines = ["Client:", ...below(client), "", "Server:", ...below(server), ...info.Warnings.map((warning) => `WARNING: ${warning}`)];
  return lines.map((line) => `${line}\n`).join("");
}

/** "name=seccomp,profile=builtin" → " seccomp", "  Profile: builtin" */
function securityLines(option: string): string[] {
  return option.split(",").map((pair) => {
    const [key = "", value = ""] = splitPair(pair);
    return key === "name" ? ` ${value}` : `  ${key.charAt(0).toUpperCase()}${key.slice(1)}: ${value}`;
  });
}

export default spec;
