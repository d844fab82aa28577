import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineError } from "../../../../engine/errors.ts";
import type { ContainerCreate } from "../../../../engine/index.ts";
import { parseInput } from "../../../../src/args.ts";
import { containerFlags, toContainerCreate } from "../../../../src/commands/container/flags/index.ts";
import { parseMount, parseVolume } from "../../../../src/commands/container/flags/mounts.ts";
import { parseExpose, parsePublish } from "../../../../src/commands/container/flags/ports.ts";
import run from "../../../../src/commands/container/run.ts";

let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "berth-flags-"));
  writeFileSync(join(cwd, "env"), "# comment\n\nFROM_FILE=1\n  INDENTED=two words\nHOME\nUNSET\nE=from file\n");
  writeFileSync(join(cwd, "bad-env"), "GOOD=1\nBAD NAME=2\n");
  writeFileSync(join(cwd, "not-utf8"), Buffer.from("A=1\n\xff=2\n", "latin1"));
  writeFileSync(join(cwd, "labels"), "team=ops\nflag\n");
  writeFileSync(join(cwd, "seccomp.json"), '{ "defaultAction": "SCMP_ACT_ALLOW" }\n');
  writeFileSync(join(cwd, "cid"), "");
});
afterAll(() => rmSync(cwd, { recursive: true }));

function create(...words: string[]): ContainerCreate {
  const input = parseInput({ name: "run", flags: run.flags, args: run.args, stopsAtArgs: true }, [...words, "image"]);
  return toContainerCreate(input, { cwd, env: { HOME: "/home/me", PATH: "/bin" } });
}

function failure(...words: string[]): string {
  try {
    create(...words);
  } catch (error) {
    if (error instanceof EngineError) return error.message;
  }
  throw new Error(`${words.join(" ")} was accepted`);
}

test("the words after the image are the command", () => {
  const input = parseInput(run, ["-it", "--rm", "busybox", "sh", "-c", "echo $HOME", "--rm"]);
  expect(toContainerCreate(input, { cwd, env: {} })).toMatchObject({
    Image: "busybox",
    Cmd: ["sh", "-c", "echo $HOME", "--rm"],
    Tty: true,
    OpenStdin: true,
    StdinOnce: true,
    HostConfig: { AutoRemove: true },
  });
});

test("what is not asked for stays absent, for the image's values to fill", () => {
  const spec = create();
  for (const name of ["User", "WorkingDir", "Entrypoint", "Cmd", "Hostname", "StopSignal", "Healthcheck", "ExposedPorts", "Volumes"])
    expect(spec).not.toHaveProperty(name);
  for (const name of ["Memory", "NanoCpus", "Ulimits", "Devices", "CapAdd", "Binds", "Mounts", "ReadonlyRootfs"])
    expect(spec.HostConfig).not.toHaveProperty(name);
  expect(spec).toMatchObject({
    Pull: "missing",
    HostConfig: { NetworkMode: "default", RestartPolicy: { Name: "no", MaximumRetryCount: 0 }, AutoRemove: false },
  });
});

describe("each flag reaches its field", () => {
  test.each<[string[], object]>([
    [["--name", "web"], { Name: "web" }],
    [["-h", "host", "--domainname", "lan"], { Hostname: "host", Domainname: "lan" }],
    [["-u", "1000:1000", "--group-add", "audio"], { User: "1000:1000", HostConfig: { GroupAdd: ["audio"] } }],
    [["-w", "/srv"], { WorkingDir: "/srv" }],
    [["--entrypoint", "/bin/x"], { Entrypoint: ["/bin/x"] }],
    [["--entrypoint="], { Entrypoint: [""] }],
    [["-e", "A=1", "-e", "HOME", "-e", "UNSET", "-e", "E="], { Env: ["A=1", "HOME=/home/me", "UNSET", "E="] }],
    [["--env-file", "env", "-e", "E=flag"], { Env: ["FROM_FILE=1", "INDENTED=two words", "HOME=/home/me", "E=from file", "E=flag"] }],
    [["-l", "a=b", "-l", "c", "--label-file", "labels"], { Labels: { team: "ops", a: "b", c: "" } }],
    [["-v", "/a:/b", "-v", "/a:/b"], { HostConfig: { Binds: ["/a:/b"] } }],
    [["--security-opt", "systempaths=unconfined"], { HostConfig: { MaskedPaths: [], ReadonlyPaths: [] } }],
    [["--memory-swappiness", "-1"], { HostConfig: { MemorySwappiness: -1 } }],
    [["--annotation", "k=v"], { HostConfig: { Annotations: { k: "v" } } }],
    [["-P"], { HostConfig: { PublishAllPorts: true } }],
    [["--expose", "80", "--expose", "9000-9001/udp"], { ExposedPorts: { "80/tcp": {}, "9000/udp": {}, "9001/udp": {} } }],
    [["-p", "8080:80"], { ExposedPorts: { "80/tcp": {} }, HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8080" }] } } }],
    [["-v", "data:/data:ro", "-v", "/anon"], { Volumes: { "/anon": {} }, HostConfig: { Binds: ["data:/data:ro"] } }],
    [["--tmpfs", "/run:rw,size=1m", "--tmpfs", "/t"], { HostConfig: { Tmpfs: { "/run": "rw,size=1m", "/t": "" } } }],
    [["--volumes-from", "db:ro"], { HostConfig: { VolumesFrom: ["db:ro"] } }],
    [["--network", "host"], { HostConfig: { NetworkMode: "host" } }],
    [["--net", "none"], { HostConfig: { NetworkMode: "none" } }],
    [["--network", "container:web"], { HostConfig: { NetworkMode: "container:web" } }],
    [
      ["--network", "app", "--network-alias", "db", "--ip", "10.9.0.5"],
      {
        HostConfig: { NetworkMode: "app" },
        NetworkingConfig: { EndpointsConfig: { app: { Aliases: ["db"], IPAMConfig: { IPv4Address: "10.9.0.5" } } } },
      },
    ],
    [
      ["--network", "name=app,alias=x,ip=10.9.0.6"],
      { NetworkingConfig: { EndpointsConfig: { app: { Aliases: ["x"], IPAMConfig: { IPv4Address: "10.9.0.6" } } } } },
    ],
    [["--link", "db:data"], { HostConfig: { Links: ["db:data"] } }],
    [["--network", "app", "--link", "db"], { NetworkingConfig: { EndpointsConfig: { app: { Links: ["db"] } } } }],
    [
      ["--network", 'name=app,driver-opt=a=b,"driver-opt=c=d=e,f",mac-address=92:d0:c6:0a:29:33', "--network", "other", "--link", "x:y"],
      {
        NetworkingConfig: {
          EndpointsConfig: {
            app: { DriverOpts: { a: "b", c: "d=e,f" }, MacAddress: "92:d0:c6:0a:29:33", Links: ["x:y"] },
            other: {},
          },
        },
      },
    ],
    [
      ["--network", "name=app,link-local-ip=169.254.1.1,gw-priority=-2"],
      { NetworkingConfig: { EndpointsConfig: { app: { IPAMConfig: { LinkLocalIPs: ["169.254.1.1"] }, GwPriority: -2 } } } },
    ],
    [["--mac-address", "92:d0:c6:0a:29:33"], { NetworkingConfig: { EndpointsConfig: { bridge: { MacAddress: "92:d0:c6:0a:29:33" } } } }],
    [
      ["--dns", "1.1.1.1", "--dns-search", "lan", "--dns-option", "ndots:2"],
      { HostConfig: { Dns: ["1.1.1.1"], DnsSearch: ["lan"], DnsOptions: ["ndots:2"] } },
    ],
    [
      ["--add-host", "a:1.2.3.4", "--add-host", "b=[::1]", "--add-host", "h:host-gateway"],
      { HostConfig: { ExtraHosts: ["a:1.2.3.4", "b:::1", "h:host-gateway"] } },
    ],
    [
      ["-m", "64m", "--memory-swap", "-1", "--memory-reservation", "32m"],
      { HostConfig: { Memory: 67_108_864, MemorySwap: -1, MemoryReservation: 33_554_432 } },
    ],
    [
      ["--cpus", "1.5", "-c", "512", "--cpuset-cpus", "0-1"],
      { HostConfig: { NanoCpus: 1_500_000_000, CpuShares: 512, CpusetCpus: "0-1" } },
    ],
    [
      ["--device-read-bps", "/dev/vda:1mb", "--device-read-bps", "/dev/vdb:512", "--device-write-iops", "/dev/vda:1000"],
      {
        HostConfig: {
          BlkioDeviceReadBps: [
            { Path: "/dev/vda", Rate: 1_048_576 },
            { Path: "/dev/vdb", Rate: 512 },
          ],
          BlkioDeviceWriteIOps: [{ Path: "/dev/vda", Rate: 1000 }],
        },
      },
    ],
    [
      ["--cpu-rt-period", "500000", "--cpu-rt-runtime", "1000", "--cgroup-parent", "/jobs"],
      { HostConfig: { CpuRealtimePeriod: 500_000, CpuRealtimeRuntime: 1000, CgroupParent: "/jobs" } },
    ],
    [
      ["--blkio-weight-device", "/dev/vda:300", "--blkio-weight-device", "/dev/vdb:0"],
      {
        HostConfig: {
          BlkioWeightDevice: [
            { Path: "/dev/vda", Weight: 300 },
            { Path: "/dev/vdb", Weight: 0 },
          ],
        },
      },
    ],
    [["--pids-limit", "100", "--blkio-weight", "500"], { HostConfig: { PidsLimit: 100, BlkioWeight: 500 } }],
    [
      ["--ulimit", "nofile=1024:2048", "--ulimit", "core=-1"],
      {
        HostConfig: {
          Ulimits: [
            { Name: "nofile", Soft: 1024, Hard: 2048 },
            { Name: "core", Soft: -1, Hard: -1 },
          ],
        },
      },
    ],
    [["--shm-size", "128m", "--oom-score-adj", "-500"], { HostConfig: { ShmSize: 134_217_728, OomScoreAdj: -500 } }],
    [
      ["--device", "/dev/fuse", "--device", "/dev/sda:/dev/xvda:r"],
      {
        HostConfig: {
          Devices: [
            { PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "rwm" },
            { PathOnHost: "/dev/sda", PathInContainer: "/dev/xvda", CgroupPermissions: "r" },
          ],
        },
      },
    ],
    [
      ["--cap-add", "NET_ADMIN", "--cap-drop", "ALL", "--privileged", "--read-only"],
      { HostConfig: { CapAdd: ["NET_ADMIN"], CapDrop: ["ALL"], Privileged: true, ReadonlyRootfs: true } },
    ],
    [["--read-only=false"], { HostConfig: { ReadonlyRootfs: false } }],
    [
      ["--security-opt", "no-new-privileges", "--security-opt", "seccomp=unconfined"],
      { HostConfig: { SecurityOpt: ["no-new-privileges", "seccomp=unconfined"] } },
    ],
    [["--security-opt", "seccomp=seccomp.json"], { HostConfig: { SecurityOpt: ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'] } }],
    [
      ["--pid", "host", "--ipc", "container:x", "--uts", "host", "--userns", "host", "--cgroupns", "private"],
      { HostConfig: { PidMode: "host", IpcMode: "container:x", UTSMode: "host", UsernsMode: "host", CgroupnsMode: "private" } },
    ],
    [["--sysctl", "net.ipv4.ip_forward=1"], { HostConfig: { Sysctls: { "net.ipv4.ip_forward": "1" } } }],
    [["--init", "--stop-signal", "SIGINT", "--stop-timeout", "3"], { StopSignal: "SIGINT", StopTimeout: 3, HostConfig: { Init: true } }],
    [["--restart", "on-failure:3"], { HostConfig: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } } }],
    [
      ["--health-cmd", "true", "--health-interval", "5s", "--health-retries", "2"],
      { Healthcheck: { Test: ["CMD-SHELL", "true"], Interval: 5e9, Retries: 2 } },
    ],
    [["--no-healthcheck"], { Healthcheck: { Test: ["NONE"] } }],
    [
      ["--log-opt", "max-size=10m", "--log-opt", "max-file=3"],
      { HostConfig: { LogConfig: { Config: { "max-size": "10m", "max-file": "3" } } } },
    ],
    [["--pull", "always", "--platform", "linux/arm64"], { Pull: "always", Platform: "linux/arm64" }],
  ])("%j", (words, wanted) => {
    expect(create(...words)).toMatchObject(wanted);
  });
});

describe("what makes no sense is refused before anything is created", () => {
  test.each<[string[], string]>([
    [["--rm", "--restart", "always"], "conflicting options: cannot specify both --restart and --rm"],
    [["--restart", "sometimes"], "unknown policy 'sometimes'"],
    [["--restart", "always:3"], "maximum retry count can only be used with 'on-failure'"],
    [["--no-healthcheck", "--health-cmd", "x"], "--no-healthcheck conflicts with --health-* options"],
    [["--cpus", "1", "--cpu-quota", "1000"], "conflicts with --cpu-quota"],
    [["--cpuset-cpus", "a"], "must be a list such as 0-3 or 0,1"],
    [["--blkio-weight", "5"], "must be between 10 and 1000"],
    [["--ulimit", "nofile=2:1"], "ulimit soft limit must be less than or equal to hard limit"],
    [["--ulimit", "files=1"], "invalid ulimit type: files"],
    [["--device", "fuse"], "the device's path must be absolute"],
    [["--sysctl", "x"], "must be NAME=VALUE"],
    [["--pid", "private"], "must be host or container:ID"],
    [["--security-opt", "secomp=x"], 'unknown option "secomp"'],
    [["--security-opt", "seccomp=missing.json"], 'cannot read "'],
    [["--dns", "nowhere"], '"nowhere" is not an IP address'],
    [["--add-host", "a"], "must be HOST:IP"],
    [["--mac-address", "zz"], "zz is not a valid mac address"],
    [["--mac-address", "92:d0:c6:0a:29:33", "--network", "container:x"], "conflicting options: mac-address and the network mode"],
    [["--mac-address", "92:d0:c6:0a:29:33", "--network", "host"], "conflicting options: mac-address and the network mode"],
    [["--expose", "80000"], 'invalid range format for --expose: "80000"'],
    [["--blkio-weight-device", "/dev/vda:5"], "invalid weight for device: /dev/vda:5"],
    [["--blkio-weight-device", "vda:500"], "bad format for device path: vda:500"],
    [["--blkio-weight-device", "/dev/vda"], "bad format: /dev/vda"],
    [["--ip", "::1"], "is not an IPv4 address"],
    [["--link", "a:b:c"], "bad format for links: a:b:c"],
    [["--link-local-ip", "x"], '"x" is not an IP address'],
    [["--network", "name=app,gw-priority=x"], "invalid gw-priority (x)"],
    [["--network", "app", "--network", "app"], "specified multiple times"],
    ...[
      [["name=app,alias=a", "--network-alias", "a"], "--network-alias and per-network alias"],
      [["name=app,ip=10.9.0.6", "--ip", "10.9.0.6"], "--ip and per-network IPv4 address"],
      [["name=app,ip6=fd00::1", "--ip6", "fd00::1"], "--ip6 and per-network IPv6 address"],
      [["name=app,link-local-ip=169.254.1.1", "--link-local-ip", "169.254.1.2"], "--link-local-ip and per-network link-local IP addresses"],
      [["name=app,mac-address=02:32:1c:23:00:04", "--mac-address", "02:32:1c:23:00:04"], "--mac-address and per-network MAC address"],
    ].map(([words, both]): [string[], string] => [["--network", ...words!], `conflicting options: cannot specify both ${both}`]),
    [["--network", "name=app,mac-address=x"], "x is not a valid mac address"],
    [["--network", "none", "--ip", "10.0.0.9"], "supported on user defined networks only"],
    [["--ip", "10.0.0.9"], "supported on user defined networks only"],
    [["--network", "host", "--network-alias", "x"], "only supported for user-defined networks"],
    [["--network-alias", "x"], "only supported for user-defined networks"],
    [["-e", "=x"], "invalid environment variable: =x"],
    [["-e", ""], "invalid environment variable"],
    [["--env-file", "not-utf8"], "invalid utf8 bytes at line 2"],
    [["-l", "=x"], "empty name"],
    [["-l", ""], "empty name"],
    [["--device", "/dev/null:inside"], "inside is not an absolute path"],
    [["--sysctl", "kernel.hostname=x"], "is not allowed"],
    [["--security-opt", "no-new-privileges=perhaps"], "true or false"],
    [["--security-opt", "systempaths=some"], "unconfined"],
    [["--shm-size", "-1"], "invalid size"],
    [["--health-retries", "-1"], "cannot be negative"],
    [["--log-opt", "max-size=large"], "invalid size: 'large'"],
    [["--volumes-from", ""], "names no container"],
    [["--volumes-from", "db:backwards"], "invalid mode: backwards"],
    [["--env-file", "bad-env"], 'variable "BAD NAME" contains whitespaces'],
    [["--env-file", "missing"], 'cannot read "'],
    [["--cidfile", "cid"], "container ID file found"],
    [["--tmpfs", "run"], "mount path must be absolute"],
    [["--tmpfs", "/run:size=1m,zz"], 'invalid tmpfs option ["zz"]'],
    [["--volume-driver", "nfs"], 'error looking up volume plugin nfs: plugin "nfs" not found'],
  ])("%j", (words, message) => {
    expect(failure(...words)).toContain(message);
  });
});

describe("--publish", () => {
  const one = (port: string, HostIp: string, HostPort: string) => ({ port, binding: { HostIp, HostPort } });
  test.each([
    ["80", [one("80/tcp", "", "")]],
    ["8080:80", [one("80/tcp", "", "8080")]],
    ["8080:80/udp", [one("80/udp", "", "8080")]],
    ["127.0.0.1:8080:80", [one("80/tcp", "127.0.0.1", "8080")]],
    ["127.0.0.1::80", [one("80/tcp", "127.0.0.1", "")]],
    ["[::1]:8080:80", [one("80/tcp", "::1", "8080")]],
    ["[::]:8080:80/tcp", [one("80/tcp", "::", "8080")]],
    ["8000-8001:80-81", [one("80/tcp", "", "8000"), one("81/tcp", "", "8001")]],
    ["8000-8010:80", [one("80/tcp", "", "8000-8010")]],
    ["80-81", [one("80/tcp", "", ""), one("81/tcp", "", "")]],
    ["target=80,published=8080,protocol=udp", [one("80/udp", "", "8080")]],
  ])("%s", (text, published) => {
    expect(parsePublish(text)).toEqual(published);
  });

  test.each([
    ["", "must be [IP:][HOST:]CONTAINER"],
    ["http", '"http" is not a port'],
    ["99999", '"99999" is not a port'],
    ["8080:", "must be"],
    ["8000-8002:80-81", "the host range has 3 ports, the container's 2"],
    ["9:8-7", '"8-7" is not a port'],
    ["80/icmp", 'invalid protocol "icmp"'],
    ["host:8080:80", '"host" is not an IP address'],
  ])("%s is refused", (text, message) => {
    expect(() => parsePublish(text)).toThrow(message);
  });

  test("--expose takes ranges", () => {
    expect(parseExpose("8000-8002/udp")).toEqual(["8000/udp", "8001/udp", "8002/udp"]);
  });
});

describe("--volume and --mount", () => {
  test.each([
    ["/data", { target: "/data", text: "/data" }],
    ["name:/data", { source: "name", target: "/data", text: "name:/data" }],
    ["/host:/data:ro,z", { source: "/host", target: "/data", text: "/host:/data:ro,z" }],
    ["./here:/data", { source: "/work/here", target: "/data", text: "/work/here:/data" }],
    [".:/data", { source: "/work", target: "/data", text: "/work:/data" }],
  ])("-v %s", (text, bind) => {
    expect(parseVolume(text, "/work")).toEqual(bind);
  });

  test.each([
    ["data", "mount path must be absolute"],
    ["a:b", "mount path must be absolute"],
    ["a:/b:readonly", "invalid mode: readonly"],
    ["a/b:/c", "includes invalid characters for a volume name"],
    ["/x:/", "destination cannot be '/'"],
    ["/a:/b:ro:more", "must be [SOURCE:]TARGET[:OPTIONS]"],
    ["ab:/b:ro,rw", "invalid mode: ro,rw"],
    ["/a:/b:rshared,rslave", "invalid mode: rshared,rslave"],
    ["ab:/b:rshared", "a volume has no propagation: rshared"],
    ["/a:/b:nocopy", "nothing is copied into a bind mount: nocopy"],
  ])("-v %s is refused", (text, message) => {
    expect(() => parseVolume(text, "/work")).toThrow(message);
  });

  test.each([
    ["type=bind,src=/a,dst=/b,consistency=cached", { Type: "bind", Source: "/a", Target: "/b", Consistency: "cached" }],
    ["type=bind,source=/a,target=/b,readonly", { Type: "bind", Source: "/a", Target: "/b", ReadOnly: true }],
    [
      "type=bind,src=./a,dst=/b,bind-propagation=rslave",
      { Type: "bind", Source: "/work/a", Target: "/b", BindOptions: { Propagation: "rslave" } },
    ],
    ["target=/b", { Type: "volume", Target: "/b" }],
    ["target=/b,ro=F,volume-nocopy=TRUE,volume-driver=local", { ReadOnly: false, VolumeOptions: { NoCopy: true } }],
    ['type=bind,"source=/a,b",target=/c', { Type: "bind", Source: "/a,b", Target: "/c" }],
    [
      "type=volume,source=v,target=/b,volume-nocopy,volume-subpath=x,volume-label=k=v",
      { VolumeOptions: { NoCopy: true, Subpath: "x", Labels: { k: "v" } } },
    ],
    ["type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1777", { Type: "tmpfs", TmpfsOptions: { SizeBytes: 1_048_576, Mode: 0o1777 } }],
  ])("--mount %s", (text, mount) => {
    expect(parseMount(text, "/work")).toMatchObject(mount);
  });

  test.each([
    ["type=bind,target=/b", "source is required for a bind mount"],
    ["type=nfs,target=/b", "type must be bind, volume, tmpfs or image"],
    ["source=a", "target is required"],
    ["x", "invalid field 'x' must be a key=value pair"],
    ["target=/b,source", "invalid field 'source' must be a key=value pair"],
    ["target=/b,readonly=maybe", "invalid value for readonly: maybe"],
    ["target=/b,ro=", "invalid value for ro: "],
    ["target=/b,volume-nocopy=maybe", "invalid value for volume-nocopy: maybe"],
    ["target=/b,volume-driver=nfs", 'error looking up volume plugin nfs: plugin "nfs" not found'],
    ["type=tmpfs,source=a,target=/b", "a tmpfs mount has no source"],
    ["tpye=bind,target=/b", "unexpected key 'tpye'"],
    ["target=/b,tmpfs-mode=9", "invalid value for tmpfs-mode: 9"],
    ["type=volume,source=v,target=/b,bind-propagation=rslave", "cannot mix 'bind-*' options with mount type 'volume'"],
  ])("--mount %s is refused", (text, message) => {
    expect(() => parseMount(text, "/work")).toThrow(message);
  });
});

test("no two flags of run share a name or a letter", () => {
  const names = run.flags.map((flag) => flag.name);
  const letters = run.flags.flatMap((flag) => flag.short ?? []);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(letters).size).toBe(letters.length);
  expect(containerFlags.length).toBeGreaterThan(80);
});
