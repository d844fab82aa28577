/** Carrying a RUN out: network, bundle, the runtime with the isolation of `berth run`, its output, and the clean-up. */
import { closeSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSpec, type OciMount, planDevices, type ResolvedUser, resolveUser, writeConfig } from "../../container/spec/index.ts";
import type { HostConfig } from "../../docker.ts";
import { EngineError, toEngineError } from "../../errors.ts";
import { attachNetwork } from "../../network/attachment.ts";
import type { NetworkAttachment } from "../../network/types.ts";
import { hostPlatform } from "../../platform.ts";
import { expectMove } from "../../runtime/cgroup.ts";
import { type DirectRun, runDirect } from "../../runtime/direct.ts";
import type { Ground } from "../../state/ground.ts";
import { runsPrograms } from "../../sys/binfmt.ts";
import { type StepReport, throwIfCancelled } from "../report/index.ts";
import { bundleOf, keepBundleInMemory, removeRun, type Workspace } from "../workspace/index.ts";
import { MountStubs } from "./mount-stubs.ts";
import { openMounts } from "./mounts.ts";
import type { RunCommand } from "./run.ts";
import type { BuildScope } from "./scope.ts";

/** Runs the command in the workspace. Throws `build-step` when it fails, `cancelled` when the build was called off. */
export async function runCommand(scope: BuildScope, workspace: Workspace, command: RunCommand, report: StepReport): Promise<void> {
  refuseForeign(command);
  const { ground, signal } = scope;
  const bundle = bundleOf(workspace.directory);
  mkdirSync(bundle, { mode: 0o700 }); // from here on removeRun has something to undo
  try {
    expectMove();
    const network = await attach(scope, workspace.id, command);
    for (const fd of network.reserved) closeSync(fd);
    await using extra = await openMounts(scope, workspace.directory, command.mounts);
    if (extra.isSecret) keepBundleInMemory(bundle);
    const mounts = [...nameFiles(bundle, network, command), ...scriptMount(bundle, command), ...extra.mounts];
    const spec = createSpec({
      ...specBase(scope, workspace, { ...command, environment: { ...command.environment, ...extra.environment } }),
      netns: network.netns,
      ownNetns: network.netns !== undefined && !command.network.startsWith("container:"),
      mounts,
    });
    const stubs = new MountStubs(
      workspace.rootfs,
      spec.mounts.map(({ destination }) => destination),
    );
    writeConfig(ground, bundle, spec);
    const state = extra.isSecret ? join(bundle, "state") : undefined;
    const status = await execute(scope, { id: workspace.id, bundle, state }, command, report);
    throwIfCancelled(signal);
    if (status !== 0) throw failed(command, `exit code: ${status}`, status);
    workspace.unchanged.push(...stubs.remove());
  } finally {
    await removeRun(ground, workspace.id, workspace.directory);
  }
}

/** The kernel would only say "exec format error". @throws EngineError `unsupported` */
function refuseForeign({ architecture }: RunCommand): void {
  const host = hostPlatform().architecture;
  if (runsPrograms(architecture, host)) return;
  throw new EngineError(
    "unsupported",
    `cannot run programs for ${architecture} on this host, which is ${host}: no emulator is registered for them`,
    {
      exit: 1,
      hint: `register one for linux/${architecture} with binfmt_misc (Debian: apt install qemu-user-static binfmt-support), or build that platform with COPY and ADD alone`,
    },
  );
}

async function attach({ ground, options }: BuildScope, id: string, command: RunCommand): Promise<NetworkAttachment> {
  const mode = command.network === "default" ? "bridge" : command.network;
  const joined = mode.startsWith("container:") ? await joinedNamespace(ground, mode.slice("container:".length)) : {};
  return attachNetwork(ground, {
    owner: id,
    name: `build-${id.slice(0, 12)}`,
    mode,
    ...joined,
    hostname: command.hostname,
    domainname: "",
    endpoints: {},
    ports: {},
    publishAll: false,
    exposed: [],
    dns: [],
    dnsSearch: [],
    dnsOptions: [],
    extraHosts: options.addHosts ?? [],
  });
}

/** @param ref the container whose network the step shares */
async function joinedNamespace(ground: Ground, ref: string) {
  const { runningContainer } = await import("../../container/process/join.ts");
  const { namespaceOf } = await import("../../container/network/network-request.ts");
  return { containerNetns: namespaceOf(ground, runningContainer(ground, ref, "network")) };
}

function specBase({ options }: BuildScope, workspace: Workspace, command: RunCommand) {
  const host: HostConfig = {
    ...(options.shmSize ? { ShmSize: options.shmSize } : {}),
    ...(options.ulimits ? { Ulimits: options.ulimits } : {}),
    ...(command.insecure ? { Privileged: true } : {}),
  };
  return {
    id: workspace.id,
    rootfs: workspace.rootfs,
    args: command.argv,
    env: Object.entries(command.environment).map(([key, value]) => `${key}=${value}`),
    cwd: command.directory,
    user: userOf(workspace, command),
    hostname: command.hostname,
    host,
    devices: planDevices(host),
  };
}

function userOf({ rootfs }: Workspace, command: RunCommand): ResolvedUser {
  try {
    return resolveUser(rootfs, command.user);
  } catch (thrown) {
    const error = toEngineError(thrown);
    throw failed(command, error.message, error.exit, error);
  }
}

/** /etc/hosts and /etc/resolv.conf are the step's own, no part of the layer, and as for BuildKit not to be written. */
function nameFiles(bundle: string, { files }: NetworkAttachment, { hostname }: RunCommand): OciMount[] {
  const bind = (name: string, destination: string, content: string): OciMount => {
    const source = join(bundle, name);
    writeFileSync(source, content, { mode: 0o644 });
    return { destination, type: "bind", source, options: ["rbind", "rprivate", "ro", "nosuid", "nodev", "noexec"] };
  };
  // The step's own name leads to itself on every network, also on none.
  const hosts = files.hosts.replace(/^127\.0\.0\.1[ \t]+localhost\b.*$/m, (line) => `${line} ${hostname}`);
  return [bind("hosts", "/etc/hosts", hosts), bind("resolv.conf", "/etc/resolv.conf", files.resolvConf)];
}

/** A here-document that is a script of its own. */
function scriptMount(bundle: string, { script }: RunCommand): OciMount[] {
  if (!script) return [];
  const source = join(bundle, "pipes");
  mkdirSync(source, { mode: 0o755 });
  writeFileSync(join(source, script.name.replaceAll("/", "_")), script.data, { mode: 0o755 });
  return [{ destination: "/dev/pipes", type: "bind", source, options: ["rbind", "ro", "rprivate"] }];
}

async function execute(
  { ground, signal }: BuildScope,
  run: Pick<DirectRun, "id" | "bundle" | "state">,
  command: RunCommand,
  report: StepReport,
): Promise<number> {
  try {
    const { stdout, stderr, exited } = await runDirect(ground, { ...run, stdio: ["ignore", "pipe", "pipe"], signal });
    void stdout?.pour(async (data) => report.log("stdout", data));
    void stderr?.pour(async (data) => report.log("stderr", data));
    return await exited;
  } catch (thrown) {
    throwIfCancelled(signal);
    const error = toEngineError(thrown);
    const notThere = error.code === "command-not-found" || error.code === "command-not-executable";
    throw notThere ? failed(command, error.message.replace(/^cannot start the container: /, ""), error.exit, error) : error;
  }
}

/** BuildKit's words. The build's own exit status is 1 whatever the command's was. */
function failed({ argv }: RunCommand, how: string, exitCode: number, cause?: unknown): EngineError {
  return new EngineError("build-step", `process "${argv.join(" ")}" did not complete successfully: ${how}`, {
    details: { exitCode },
    ...(cause ? { cause } : {}),
  });
}
