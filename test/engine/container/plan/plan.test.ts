import { describe, expect, test } from "vitest";
import { inheritMount, parseBind, planMounts } from "../../../../engine/container/mounts/mounts.ts";
import { execEnvironment, mergeEnvironment, processEnvironment } from "../../../../engine/container/plan/environment.ts";
import { planContainer } from "../../../../engine/container/plan/plan.ts";
import type { ContainerCreate, ExecConfig, HostConfig } from "../../../../engine/container/types.ts";

const image = {
  config: {
    Env: ["PATH=/bin", "A=image"],
    Cmd: ["serve"],
    Entrypoint: ["/entry"],
    User: "app",
    WorkingDir: "/w",
    Labels: { from: "image" },
    ExposedPorts: { "80/tcp": {} },
  },
};
const id = "0123456789abcdef";
const plan = (spec: Partial<ContainerCreate> = {}) => planContainer({ Image: "i", ...spec }, image, id);

describe("what runs", () => {
  test.each([
    [{}, "/entry", ["serve"]],
    [{ Cmd: ["other"] }, "/entry", ["other"]],
    [{ Entrypoint: ["sh"] }, "sh", []],
    [{ Entrypoint: ["sh"], Cmd: ["-c", "x"] }, "sh", ["-c", "x"]],
    [{ Entrypoint: [""], Cmd: ["ls"] }, "ls", []],
  ])("%j", (spec, path, args) => {
    expect(plan(spec)).toMatchObject({ path, args });
  });

  test("nothing to run is refused", () => {
    expect(() => planContainer({ Image: "i" }, {}, id)).toThrow("no command specified");
    expect(() => plan({ Entrypoint: [""] })).toThrow("no command specified");
  });
});

test("the image gives what the user does not", () => {
  const { config, host } = plan({ Env: ["A=mine", "B=1"], Labels: { x: "y" }, User: "", HostConfig: { PortBindings: { "90/udp": [] } } });
  expect(config).toMatchObject({
    User: "app",
    WorkingDir: "/w",
    Hostname: "0123456789ab",
    Env: ["PATH=/bin", "A=mine", "B=1"],
    Labels: { from: "image", x: "y" },
  });
  expect(Object.keys(config.ExposedPorts ?? {})).toEqual(["80/tcp", "90/udp"]);
  expect(host).toMatchObject({ NetworkMode: "bridge", IpcMode: "private", RestartPolicy: { Name: "no" } });
});

test("health checks merge with the image's", () => {
  const own = planContainer(
    { Image: "i", Cmd: ["x"], Healthcheck: { Interval: 5e6 } },
    { config: { Healthcheck: { Test: ["CMD", "ok"], Retries: 2 } } },
    id,
  );
  expect(own.config.Healthcheck).toEqual({ Test: ["CMD", "ok"], Retries: 2, Interval: 5e6 });
});

test.each([
  [{ AutoRemove: true, RestartPolicy: { Name: "always", MaximumRetryCount: 0 } }, /AutoRemove/],
  [{ Memory: 1024 }, /Minimum memory limit allowed is 6MB/],
  [{ Memory: 64 << 20, MemorySwap: 32 << 20 }, /memoryswap/],
  [{ MemorySwap: 32 << 20 }, /Memory limit/],
  [{ NanoCpus: 1, CpuQuota: 1 }, /Nano CPUs and CPU Quota/],
  [{ NanoCpus: 1, CpuPeriod: 1000 }, /Nano CPUs and CPU Period/],
  [{ NanoCpus: -1 }, /range of CPUs is from/],
  [{ MemoryReservation: 1024 }, /Minimum memory reservation allowed is 6MB/],
  [{ Memory: 16 << 20, MemoryReservation: 32 << 20 }, /less than memory reservation/],
  [{ CpuShares: -1 }, /invalid CPU shares/],
  [{ CpuRealtimePeriod: 1000, CpuRealtimeRuntime: 1001 }, /runtime cannot be higher than cpu real-time period/],
  [{ CpuPeriod: 5 }, /CPU cfs period can not be less than 1ms/],
  [{ CpuQuota: 5 }, /CPU cfs quota can not be less than 1ms/],
  [{ CpusetCpus: "0,4000-4001" }, /Requested CPUs are not available - requested 0,4000-4001/],
  [{ NetworkMode: "container:x", PortBindings: { "1/tcp": [] } }, /port publishing/],
  [{ NetworkMode: "host", Sysctls: { "net.core.somaxconn": "1" } }, /not allowed in host network namespace/],
] satisfies [NonNullable<ContainerCreate["HostConfig"]>, RegExp][])("%j is refused", (HostConfig, message) => {
  expect(() => plan({ HostConfig })).toThrow(message);
});

test.each([
  [{ StopSignal: "NONSENSE" }, /invalid signal: NONSENSE/],
  [{ Healthcheck: { Interval: 1 } }, /Interval in Healthcheck cannot be less than 1ms/],
  [{ Healthcheck: { Retries: -1 } }, /Retries in Healthcheck cannot be negative/],
] satisfies [Partial<ContainerCreate>, RegExp][])("%j is refused too", (own, message) => {
  expect(() => planContainer({ Image: "i", Cmd: ["x"], ...own }, {}, id)).toThrow(message);
});

test.each([
  [{ NetworkMode: "host", Sysctls: { "net.core.somaxconn": "1" } }, /sysctl 'net.core.somaxconn' not allowed in host network namespace/],
  [{ NetworkMode: "container:x", Sysctls: { "net.core.somaxconn": "1" } }, /not allowed in host network namespace/],
  [{ NetworkMode: "container:x", PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "80" }] } }, /conflicting options: port publishing/],
] satisfies [HostConfig, RegExp][])("a network that is not its own: %j is refused", (HostConfig, message) => {
  expect(() => plan({ HostConfig })).toThrow(message);
});

test.each<[HostConfig]>([
  [{ NetworkMode: "bridge", Sysctls: { "net.core.somaxconn": "1" } }],
  [{ NetworkMode: "host", Sysctls: { "kernel.msgmax": "1" } }],
  [{ NetworkMode: "host", PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "80" }] } }],
  [{ NetworkMode: "container:x", PortBindings: {} }],
])("%j is not", (HostConfig) => {
  expect(plan({ HostConfig }).host).toMatchObject(HostConfig);
});

test("a memory limit alone allows as much swap", () => {
  expect(plan({ HostConfig: { Memory: 64 << 20 } }).host.MemorySwap).toBe(128 << 20);
});

test("environment of the process", () => {
  expect(processEnvironment({ Env: ["A=1", "UNSET"], Tty: true, Hostname: "h" }, "/home")).toEqual([
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOSTNAME=h",
    "TERM=xterm",
    "A=1",
    "HOME=/home",
  ]);
  expect(mergeEnvironment(["A=1", "B=2"], ["A=3"])).toEqual(["A=3", "B=2"]);
});

test("a name without a value takes a variable away, and an empty HOME is none", () => {
  expect(processEnvironment({ Env: ["HOSTNAME", "PATH"], Hostname: "h" }, "/home")).toEqual(["HOME=/home"]);
  expect(processEnvironment({ Env: ["HOSTNAME", "PATH", "HOME="] }, "/home")).toEqual(["HOME=/home"]);
  expect(plan({ Env: ["A"] }).config.Env).toEqual(["PATH=/bin", "A"]);
});

test("annotations that steer the runtime are refused unless each is allowed", () => {
  const Annotations = { "run.oci.hooks.stdout": "/x", mine: "1" };
  expect(plan({ HostConfig: { Annotations: { mine: "1" } } }).host.Annotations).toEqual({ mine: "1" });
  for (const AllowAnnotations of [undefined, ["mine", "run.oci.hooks"]])
    expect(() => plan({ AllowAnnotations, HostConfig: { Annotations } })).toThrow('"run.oci.hooks.stdout" steers the OCI runtime');
  expect(() => plan({ HostConfig: { Annotations: { "org.criu.config": "/x" } } })).toThrow("org.criu.config");
  const { config, host } = plan({ AllowAnnotations: ["run.oci.hooks.stdout"], HostConfig: { Annotations } });
  expect([host.Annotations, "AllowAnnotations" in config]).toEqual([Annotations, false]);
});

describe("the environment of a further process", () => {
  const environment = (own: string[], exec: ExecConfig, home?: string) => {
    const config = { Env: own, Tty: true, Hostname: "h" };
    return execEnvironment(processEnvironment(config, "/root").slice(1), config, exec, home);
  };
  test("has a TERM if it has a terminal, and the container's if that one was asked for", () => {
    expect(environment([], { Cmd: [] })).toEqual(["HOSTNAME=h", "HOME=/root"]);
    expect(environment([], { Cmd: [], Tty: true })).toEqual(["HOSTNAME=h", "HOME=/root", "TERM=xterm"]);
    expect(environment(["TERM=vt100"], { Cmd: [], Tty: true })).toEqual(["HOSTNAME=h", "TERM=vt100", "HOME=/root"]);
    expect(environment(["TERM=vt100"], { Cmd: [] })).toEqual(["HOSTNAME=h", "TERM=vt100", "HOME=/root"]);
    expect(environment([], { Cmd: [], Tty: true, Env: ["TERM=dumb"] })).toContain("TERM=dumb");
  });
  test("has the home of its user, unless the container's was asked for", () => {
    expect(environment([], { Cmd: [] }, "/home/u")).toEqual(["HOSTNAME=h", "HOME=/home/u"]);
    expect(environment(["HOME=/srv"], { Cmd: [] }, "/home/u")).toEqual(["HOSTNAME=h", "HOME=/srv"]);
    expect(environment([], { Cmd: [], Env: ["HOME", "HOSTNAME"] }, "/home/u")).toEqual(["HOME=/home/u"]);
  });
});

describe("mounts", () => {
  test("-v tells paths from volumes", () => {
    expect(parseBind("/a//b/:/c:ro,rslave")).toMatchObject({
      type: "bind",
      source: "/a/b/",
      destination: "/c",
      readOnly: true,
      propagation: "rslave",
    });
    expect(parseBind("name:/c")).toMatchObject({ type: "volume", source: "name", destination: "/c", readOnly: false });
    expect(parseBind("/only")).toMatchObject({ type: "volume", source: "", destination: "/only" });
  });

  test.each([
    [
      "a:b",
      `invalid volume specification: 'a:b': invalid mount config for type "volume": invalid mount path: 'b' mount path must be absolute`,
    ],
    ["/a:/", `invalid volume specification: '/a:/': invalid mount config for type "bind": invalid specification: destination can't be '/'`],
    ["na/me:/c", 'create na/me: "na/me" includes invalid characters for a local volume name'],
    ["/a:/b:quick", "invalid mode: quick"],
    ["/a:/b:ro:x", "invalid volume specification: '/a:/b:ro:x'"],
    ["..:/c", 'create ..: ".." includes invalid characters'],
  ])("-v %s is refused", (text, message) => {
    expect(() => parseBind(text)).toThrow(message);
  });

  test("one mount for each place; the user's wins over others and the image", () => {
    const other = inheritMount(
      { Type: "volume", Name: "v", Source: "/s", Destination: "/data", Mode: "", RW: true, Propagation: "" },
      true,
    );
    const planned = planMounts({ Binds: ["mine:/data"] }, [other, { ...other, destination: "/more" }], ["/data", "/anon/"]);
    expect(planned.map(({ destination, source, readOnly }) => [destination, source, readOnly])).toEqual([
      ["/data", "mine", false],
      ["/more", "v", true],
      ["/anon", "", false],
    ]);
  });

  test("two at one place are refused", () => {
    expect(() => planMounts({ Binds: ["/a:/c", "/b:/c"] }, [], [])).toThrow("Duplicate mount point: /c");
    expect(() => planMounts({ Binds: ["/a:/c"], Tmpfs: { "/c": "" } }, [], [])).toThrow("Duplicate mount point: /c");
  });
});
