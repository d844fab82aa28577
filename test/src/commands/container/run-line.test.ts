/** The line that would make a container: run again it makes the same. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ContainerInspect } from "../../../../engine/index.ts";
import { containerFlags } from "../../../../src/commands/container/flags/index.ts";
import { readRunLine, runLine, said } from "../../../../src/commands/container/run-line.ts";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
  await scene.berth("network", "create", "--subnet", "10.91.0.0/24", "front");
  await scene.berth("network", "create", "--subnet", "10.92.0.0/24", "back");
  const changes = [
    ...["ENV FROM_IMAGE=1 GONE=2", "LABEL made=here", "USER 7", "WORKDIR /srv", "EXPOSE 80 53/udp", "VOLUME /data"],
    ...['ENTRYPOINT ["/bin/sh", "-c"]', 'CMD ["echo hello"]', "STOPSIGNAL SIGUSR1", "HEALTHCHECK --interval=5s CMD true"],
  ];
  await scene.berth("create", "--name", "mother", "busybox");
  await scene.berth("commit", ...changes.flatMap((change) => ["-c", change]), "mother", "rich");
  await scene.berth("create", "--name", "db", "busybox");
});

afterAll(() => scene[Symbol.asyncDispose]());

/** What two containers made by the same line differ in. */
function comparable({ Id, Created, State, Mounts, LogPath, GraphDriver, NetworkSettings, ...rest }: ContainerInspect) {
  const own = (text: string) => text.replaceAll(Id, "ID").replaceAll(Id.slice(0, 12), "ID");
  const mounts = Mounts.map(({ Name, Source, ...mount }) => ({
    ...mount,
    // Volumes without a name get a random one.
    ...(mount.Type === "volume" && /^[0-9a-f]{64}$/.test(Name ?? "") ? {} : { Name, Source }),
  }));
  const networks = Object.entries(NetworkSettings.Networks).map(
    ([name, { IPAMConfig, Aliases, MacAddress, GwPriority, DriverOpts, Links }]) => ({
      ...{ name, IPAMConfig, Aliases, GwPriority, DriverOpts, Links },
      mac: State.Running ? undefined : MacAddress,
    }),
  );
  return JSON.parse(own(JSON.stringify({ ...rest, mounts, networks, status: State.Status })));
}

const lines: Record<string, string[]> = {
  nothing: ["busybox"],
  "a command that looks like flags": ["busybox", "sh", "-c", "echo 'a  b'; exit 3", "--name", ""],
  "what the image says": ["rich"],
  "other than the image": [
    ...[
      "-e",
      "FROM_IMAGE=9",
      "-e",
      "GONE",
      "-e",
      "EMPTY=",
      "-e",
      "TEXT=a b\nc",
      "-l",
      "made=there",
      "-l",
      "empty=",
      "-u",
      "8:9",
      "-w",
      "/tmp",
    ],
    ...["--stop-signal", "SIGTERM", "--health-cmd", "false", "--health-retries", "3", "--health-start-period", "1m30s", "rich", "ls -l"],
  ],
  "no entry point": ["--entrypoint", "", "rich", "echo", "x"],
  "its own entry point": ["--entrypoint", "/bin/echo", "rich", "-n", "x"],
  "an entry point alone": ["--entrypoint", "/bin/true", "rich"],
  "no health check": ["--no-healthcheck", "rich"],
  terminal: ["-it", "--init", "--rm", "busybox"],
  names: [
    "--hostname",
    "h",
    "--domainname",
    "d",
    "--dns",
    "1.1.1.1",
    "--dns-search",
    "x.y",
    "--dns-option",
    "ndots:2",
    "--add-host",
    "a:1.2.3.4",
    "busybox",
  ],
  ports: [
    ...["-p", "8080:80", "-p", "127.0.0.1::53/udp", "-p", "[::1]:81:81", "-p", "90", "-p", "9000-9001:7000-7001", "--expose", "99/sctp"],
    ...["-P", "rich"],
  ],
  volumes: [
    ...["-v", "named:/named", "-v", "/tmp:/host:ro", "-v", "/anonymous", "--tmpfs", "/t:size=1m,mode=700", "--tmpfs", "/t2"],
    ...[
      "--mount",
      "type=volume,source=named,target=/a,volume-nocopy,readonly",
      "--mount",
      "type=tmpfs,target=/b,tmpfs-size=4096,tmpfs-mode=1700",
    ],
    ...["--mount", 'type=bind,"source=/tmp",target=/c,consistency=cached,bind-propagation=rslave', "--volumes-from", "db:ro", "busybox"],
  ],
  "one network": ["--network", "front", "--network-alias", "web", "--ip", "10.91.0.77", "--mac-address", "02:00:00:00:00:01", "busybox"],
  "two networks": [
    "--network",
    "name=front,alias=web,alias=www",
    "--network",
    "name=back,ip=10.92.0.5,gw-priority=7,driver-opt=com.docker.network.endpoint.ifname=lan",
    "busybox",
  ],
  "the host's network": ["--network", "host", "busybox"],
  "no network": ["--network", "none", "busybox"],
  "another's network": ["--network", "container:db", "busybox"],
  "a MAC address": ["--mac-address", "02:00:00:00:00:02", "busybox"],
  links: ["--link", "db:database", "--link", "db", "busybox"],
  limits: [
    ...["-m", "64m", "--memory-reservation", "32m", "--cpus", "1.5", "--cpu-shares", "512", "--cpuset-cpus", "0", "--pids-limit", "50"],
    ...["--oom-score-adj", "100", "--ulimit", "nofile=100:200", "--ulimit", "core=0", "--shm-size", "1m", "busybox"],
  ],
  swap: ["-m", "64m", "--memory-swap", "-1", "busybox"],
  devices: ["--device", "/dev/null:/dev/zip:r", "--device-cgroup-rule", "c 1:3 rwm", "busybox"],
  privileges: ["--privileged", "busybox"],
  "less privileges": [
    ...["--cap-drop", "ALL", "--cap-add", "NET_ADMIN", "--read-only", "--security-opt", "no-new-privileges", "--security-opt"],
    ...["systempaths=unconfined", "--group-add", "20", "--sysctl", "net.ipv4.ip_forward=1", "busybox"],
  ],
  namespaces: ["--pid", "host", "--ipc", "shareable", "--uts", "host", "--cgroupns", "private", "busybox"],
  life: ["--restart", "on-failure:4", "--stop-timeout", "3", "--log-driver", "local", "--log-opt", "max-size=1m", "busybox"],
  annotations: [
    "--annotation",
    "a=b",
    "--annotation",
    "run.oci.keep_original_groups=1",
    "--allow-annotation",
    "run.oci.keep_original_groups",
    "busybox",
  ],
};

describe("the line of a container makes the same again", () => {
  test.for(Object.entries(lines))("%s", async ([, words]) => {
    await scene.berth("create", "--name", "it", ...words);
    const first = await scene.engine.containers.inspect("it");
    const { words: line, unsaid } = await readRunLine(scene.engine, "it");
    await scene.berth("rm", "it");
    expect(line.slice(0, 3)).not.toContain("-d");
    await scene.berth("create", ...line.slice(1));
    const second = await scene.engine.containers.inspect("it");
    await scene.berth("rm", "-v", "it");
    expect(unsaid).toEqual([]);
    expect(comparable(second)).toEqual(comparable(first));
  });

  test("of one that runs", async () => {
    await scene.berth("run", "-d", "--name", "it", "--network", "front", "-p", "127.0.0.1::80", "-v", "/x", "busybox", "sleep", "1000");
    const first = await scene.engine.containers.inspect("it");
    const { words } = await readRunLine(scene.engine, "it");
    await scene.berth("rm", "-f", "-v", "it");
    expect(words).toEqual("run -d --name it -p 127.0.0.1::80 -v /x --network front busybox sleep 1000".split(" "));
    await scene.berth(...words);
    const second = await scene.engine.containers.inspect("it");
    await scene.berth("rm", "-f", "-v", "it");
    expect(comparable(second)).toEqual(comparable(first));
  });

  test("its image is not needed", async () => {
    await scene.berth("create", "--name", "it", "rich");
    const container = await scene.engine.containers.inspect("it");
    await scene.berth("rm", "-v", "it");
    const { words } = runLine({ container });
    await scene.berth("create", ...words.slice(1));
    const second = await scene.engine.containers.inspect("it");
    await scene.berth("rm", "-v", "it");
    expect({ ...comparable(second).Config, Entrypoint: 0, Cmd: 0 }).toEqual({ ...comparable(container).Config, Entrypoint: 0, Cmd: 0 });
    expect([second.Path, ...second.Args]).toEqual([container.Path, ...container.Args]);
  });
});

test("what a line cannot say is said", async () => {
  await scene.berth("create", "--name", "it", "--security-opt", "seccomp=unconfined", "busybox");
  await scene.berth("network", "connect", "front", "it");
  const container = await scene.engine.containers.inspect("it");
  await scene.berth("rm", "it");
  container.HostConfig.SecurityOpt = ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'];
  container.Config.Healthcheck = { Test: ["CMD", "/check"] };
  const { words, unsaid } = runLine({
    container,
    defaults: { runtime: container.HostConfig.Runtime!, cgroupns: container.HostConfig.CgroupnsMode!, logDriver: "k8s-file" },
  });
  expect(words).toEqual(["run", "--name", "it", "busybox", "sh"]);
  expect(unsaid).toEqual([
    "its seccomp profile: --security-opt seccomp=FILE takes one",
    'that it is on network "front", too: network connect',
    "its health check, which needs no shell",
  ]);
});

/** Flags that no record keeps, and others' names for one that it says. */
const elsewhere = new Set(
  "env-file label-file entrypoint attach network-alias net net-alias ip ip6 dns-opt volume-driver pull platform quiet cidfile isolation disable-content-trust gpus kernel-memory storage-opt use-api-socket no-verify".split(
    " ",
  ),
);

test("every flag has its place in the line", () => {
  const forgotten = containerFlags.filter(({ name }) => !elsewhere.has(name) && !Object.hasOwn(said, name));
  expect(forgotten.map(({ name }) => name)).toEqual([]);
});
