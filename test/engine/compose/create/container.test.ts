import { describe, expect, test } from "vitest";
import { type ContainerNeeds, containerOf } from "../../../../engine/compose/create/container.ts";
import type { Project, Service } from "../../../../engine/compose/index.ts";

const neighbour = { id: "d".repeat(64), name: "app-db-1", number: 1 };
const needs: ContainerNeeds = {
  hash: "h",
  image: { reference: "busybox", id: "sha256:a", command: ["own"], volumes: ["/declared"] },
  number: 2,
  containersOf: (name) => (name === "db" ? [neighbour] : []),
};

function project(service: Service): Project {
  return {
    model: {
      name: "app",
      services: { web: service, db: {} },
      networks: { default: { name: "app_default" }, front: { name: "front-net" } },
      volumes: { data: { name: "app_data" } },
      secrets: { pw: { name: "app_pw", file: "/src/pw" }, token: { name: "app_token", environment: "TOKEN" } },
    },
    directory: "/src",
    files: ["/src/compose.yaml", "/src/more.yaml"],
    environment: {},
    profiles: [],
    disabled: {},
    values: { secrets: {}, configs: {} },
    warnings: [],
  };
}

function made(service: Service, more: Partial<ContainerNeeds> = {}) {
  return containerOf(project(service), "web", service, { ...needs, ...more });
}

describe("a service as a container", () => {
  test("what need not be there and is not is no dependency in the labels", () => {
    const condition = "service_started";
    const { Labels } = made({ depends_on: { db: { condition, required: false }, off: { condition, required: false } } });
    expect(Labels?.["com.docker.compose.depends_on"]).toBe("db:service_started:false");
  });

  test("name, labels and network as docker compose's", () => {
    const { HostConfig, Labels, Name, NetworkingConfig } = made({
      networks: { default: null },
      labels: { own: "1" },
      depends_on: { db: { condition: "service_healthy", required: true, restart: true } },
    });
    expect(Name).toBe("app-web-2");
    expect(Labels).toEqual({
      own: "1",
      "com.docker.compose.project": "app",
      "com.docker.compose.service": "web",
      "com.docker.compose.version": expect.stringMatching(/^2\./),
      "com.docker.compose.project.working_dir": "/src",
      "com.docker.compose.project.config_files": "/src/compose.yaml,/src/more.yaml",
      "com.docker.compose.depends_on": "db:service_healthy:true",
      "com.docker.compose.config-hash": "h",
      "com.docker.compose.image": "sha256:a",
      "com.docker.compose.container-number": "2",
      "com.docker.compose.oneoff": "False",
    });
    expect(HostConfig?.NetworkMode).toBe("app_default");
    expect(NetworkingConfig?.EndpointsConfig).toEqual({ app_default: { Aliases: ["app-web-2", "web"] } });
  });

  test("several networks: the main one by priority; addresses, aliases, links", () => {
    const { HostConfig, NetworkingConfig } = made({
      networks: {
        default: null,
        front: { priority: 5, ipv4_address: "10.1.2.3", aliases: ["www"], gw_priority: 1, driver_opts: { a: "b" }, interface_name: "lan" },
      },
      links: ["db:database"],
      mac_address: "02:00:00:00:00:01",
    });
    const Links = ["app-db-1:database", "app-db-1:db-1", "app-db-1:app-db-1"];
    expect(HostConfig?.NetworkMode).toBe("front-net");
    expect(NetworkingConfig?.EndpointsConfig).toEqual({
      "front-net": {
        Aliases: ["app-web-2", "web", "www"],
        IPAMConfig: { IPv4Address: "10.1.2.3" },
        MacAddress: "02:00:00:00:00:01",
        GwPriority: 1,
        DriverOpts: { a: "b", "com.docker.network.endpoint.ifname": "lan" },
        Links,
      },
      app_default: { Aliases: ["app-web-2", "web"], Links },
    });
  });

  test("what it shares with another service's container", () => {
    const { HostConfig, NetworkingConfig } = made({
      network_mode: "service:db",
      ipc: "service:db",
      volumes_from: ["db:ro", "container:old"],
    });
    expect(HostConfig).toMatchObject({
      NetworkMode: `container:${neighbour.id}`,
      IpcMode: `container:${neighbour.id}`,
      VolumesFrom: [`${neighbour.id}:ro`, "old"],
    });
    expect(NetworkingConfig?.EndpointsConfig).toEqual({});
  });

  test("mounts: volumes by the engine's names, binds that are made, secrets of files bound, others not", () => {
    const { HostConfig } = made({
      volumes: [
        { type: "volume", source: "data", target: "/data", volume: { nocopy: true, subpath: "x" } },
        { type: "volume", source: "data", target: "/all", volume: {} },
        { type: "bind", source: "/src/www", target: "/www", read_only: true },
        { type: "bind", source: "/src/shared", target: "/shared", bind: { create_host_path: true, selinux: "z" } },
        { type: "bind", source: "/src/sent", target: "/sent", bind: { create_host_path: true, propagation: "rslave" } },
        { type: "bind", source: "/src/a:b", target: "/colon" },
        { type: "bind", source: "/src/made", target: "/made", bind: { create_host_path: true } },
        { type: "bind", source: "/src/must", target: "/must", bind: { create_host_path: false } },
        { type: "bind", source: "/src/read", target: "/read", bind: {} },
        { type: "volume", target: "/anon" },
        { type: "tmpfs", target: "/scratch", tmpfs: { size: "1048576", mode: 0o1777 } },
      ],
      tmpfs: ["/run:size=1m"],
      secrets: [{ source: "pw" }, { source: "token", mode: "0400" }],
    });
    expect(HostConfig?.Binds).toEqual(["app_data:/all:rw", "/src/www:/www:ro", "/src/shared:/shared:rw,z", "/src/made:/made:rw"]);
    expect(HostConfig?.Mounts).toEqual([
      { Type: "volume", Source: "app_data", Target: "/data", VolumeOptions: { NoCopy: true, Subpath: "x" } },
      { Type: "bind", Source: "/src/sent", Target: "/sent", BindOptions: { CreateMountpoint: true, Propagation: "rslave" } },
      { Type: "bind", Source: "/src/a:b", Target: "/colon", BindOptions: { CreateMountpoint: true } },
      { Type: "bind", Source: "/src/must", Target: "/must", BindOptions: { CreateMountpoint: false } },
      { Type: "bind", Source: "/src/read", Target: "/read", BindOptions: { CreateMountpoint: false } },
      { Type: "volume", Target: "/anon" },
      { Type: "tmpfs", Target: "/scratch", TmpfsOptions: { SizeBytes: 1048576, Mode: 0o1777 } },
      { Type: "bind", Source: "/src/pw", Target: "/run/secrets/pw", ReadOnly: true, BindOptions: { CreateMountpoint: false } },
    ]);
    expect(HostConfig?.Tmpfs).toEqual({ "/run": "size=1m" });
  });

  test("in a container that is read-only a file is bound as it is, whatever rights it should have", () => {
    const secrets = [{ source: "pw", uid: "1000", mode: "0400" }];
    const { HostConfig } = made({ read_only: true, secrets });
    expect(HostConfig?.Mounts).toMatchObject([{ Type: "bind", Source: "/src/pw", Target: "/run/secrets/pw", ReadOnly: true }]);
    expect(made({ secrets }).HostConfig?.Mounts).toEqual([]);
  });

  test("the anonymous volumes of the one that it replaces go on: the file's, and the image's", () => {
    const mount = (Destination: string, Name: string) => ({
      Type: "volume" as const,
      Name,
      Destination,
      Source: "",
      Mode: "",
      RW: true,
      Propagation: "",
    });
    const replaces = {
      id: "0123456789abcdef",
      mounts: [mount("/anon", "a".repeat(64)), mount("/declared", "b".repeat(64)), mount("/data", "app_data")],
    };
    const { HostConfig, Labels, Name } = made({ volumes: [{ type: "volume", target: "/anon" }] }, { replaces });
    expect(HostConfig?.Mounts).toEqual([
      { Type: "volume", Source: "a".repeat(64), Target: "/anon" },
      { Type: "volume", Source: "b".repeat(64), Target: "/declared" },
    ]);
    expect(Name).toBe("0123456789ab_app-web-2");
    expect(Labels?.["com.docker.compose.replace"]).toBe("0123456789abcdef");
  });

  test("limits, of `deploy` before the service's own; ports; health; restart", () => {
    const { ExposedPorts, Healthcheck, HostConfig, StopTimeout } = made({
      mem_limit: "1048576",
      cpus: 0.5,
      deploy: { resources: { limits: { memory: "2097152", pids: 10 } }, restart_policy: { condition: "on-failure", max_attempts: 3 } },
      ports: [
        { target: 80, published: "8080", host_ip: "127.0.0.1" },
        { target: 53, protocol: "udp" },
      ],
      expose: ["9000-9001"],
      healthcheck: { test: ["CMD", "true"], interval: "1m30s", retries: 2 },
      stop_grace_period: "1500ms",
      ulimits: { nofile: { soft: 10, hard: 20 }, nproc: 5 },
    });
    expect(HostConfig).toMatchObject({
      Memory: 2097152,
      NanoCpus: 500_000_000,
      PidsLimit: 10,
      RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
      PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }], "53/udp": [{ HostIp: "", HostPort: "" }] },
      Ulimits: [
        { Name: "nofile", Soft: 10, Hard: 20 },
        { Name: "nproc", Soft: 5, Hard: 5 },
      ],
    });
    expect(ExposedPorts).toEqual({ "80/tcp": {}, "53/udp": {}, "9000/tcp": {}, "9001/tcp": {} });
    expect(Healthcheck).toEqual({ Test: ["CMD", "true"], Interval: 90e9, Retries: 2 });
    expect(StopTimeout).toBe(2);
  });

  test("an empty entry point leaves the image's command; an empty health check turns it off", () => {
    expect(made({ entrypoint: [] })).toMatchObject({ Entrypoint: [""], Cmd: ["own"] });
    expect(made({ entrypoint: [], command: ["mine"] })).toMatchObject({ Entrypoint: [""], Cmd: ["mine"] });
    expect(made({ healthcheck: { disable: true } }).Healthcheck).toEqual({ Test: ["NONE"] });
  });

  test.each<[string, Service]>([
    ["devices by driver", { gpus: [{ count: -1 }] }],
    ["models", { models: { llm: null } }],
    ["storage_opt", { storage_opt: { size: "1g" } }],
    ["userns_mode", { userns_mode: "keep-id" }],
  ])("refused, and said why: %s", (what, service) => {
    expect(() => made(service)).toThrow(expect.objectContaining({ code: "unsupported", message: expect.stringContaining(what) }));
  });
});

test("variables of the user's configuration, for what the service does not set", () => {
  const service: Service = { environment: { http_proxy: "own", HTTP_PROXY: null } };
  const all = { ...project(service), proxies: { http_proxy: "p", HTTP_PROXY: "p", no_proxy: "n" } };
  expect(containerOf(all, "web", service, needs).Env).toEqual(["http_proxy=own", "HTTP_PROXY", "no_proxy=n"]);
});

test("names of --compatibility have low lines, its links too", () => {
  const service: Service = { networks: { default: null }, links: ["db"] };
  const { Name, NetworkingConfig } = containerOf({ ...project(service), separator: "_" }, "web", service, needs);
  expect(Name).toBe("app_web_2");
  expect(NetworkingConfig?.EndpointsConfig?.["app_default"]?.Links).toEqual(["app-db-1:db", "app-db-1:db_1", "app-db-1:app_db_1"]);
});

test("a container of run has a slug in place of a number", () => {
  const oneOff = { name: "app-web-run-0123456789ab", slug: "0123456789ab".padEnd(64, "c"), withAliases: false, autoRemove: true };
  const { Labels, Name } = containerOf(project({}), "web", {}, { ...needs, oneOff });
  expect(Name).toBe(oneOff.name);
  expect(Labels).toMatchObject({ "com.docker.compose.oneoff": "True", "com.docker.compose.slug": oneOff.slug });
  expect(Labels).not.toHaveProperty(["com.docker.compose.container-number"]);
});

test("an interval for a start that takes no time is refused", () => {
  const service: Service = { healthcheck: { test: ["CMD", "true"], start_interval: "1s" } };
  expect(() => containerOf(project(service), "web", service, needs)).toThrow(
    "healthcheck.start_interval requires healthcheck.start_period",
  );
});
