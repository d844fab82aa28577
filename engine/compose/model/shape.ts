/**
 * The elements of a project by their types: in which order they are printed, what each is read as, and what is left out when it is empty
 * (docker compose's Go structures, which its output and its hashes follow). One line is one element. Pure.
 */
import type { Kind, Shape } from "./kinds.ts";

const list = (item: Kind): Kind => ({ list: item });
const map = (item: Kind): Kind => ({ map: item });
const object = (shape: () => Shape, options: { always?: boolean; capitals?: boolean } = {}): Kind => ({ object: shape, ...options });
/** Kept when it is empty, false or zero. */
const kept = (kind: Kind): Kind => ({ kept: kind });
const strings = list("string");
const text = (...names: string[]) => Object.fromEntries(names.map((name) => [name, "string" as const]));

const ulimits = map(kept("ulimit"));

const fileMount: Shape = { ...text("source", "target", "uid", "gid"), mode: kept("mode") };

const hook: Shape = {
  command: { command: true },
  user: "string",
  privileged: "boolean",
  working_dir: "string",
  environment: "environment",
};

const build: Shape = {
  ...text("context", "dockerfile", "dockerfile_inline"),
  entitlements: strings,
  args: "environment",
  ...text("provenance", "sbom"),
  ssh: "ssh",
  labels: "labels",
  cache_from: "texts",
  cache_to: "texts",
  no_cache: "boolean",
  additional_contexts: "mapping",
  pull: "boolean",
  extra_hosts: "hosts",
  ...text("isolation", "network", "target"),
  secrets: list(object(() => fileMount)),
  shm_size: "bytes",
  tags: "texts",
  ulimits,
  platforms: "texts",
  privileged: "boolean",
};

const deviceRequest: Shape = { capabilities: strings, driver: "string", count: "count", device_ids: strings, options: "mapping" };

const resource: Shape = {
  cpus: "float",
  memory: "bytes",
  pids: "integer",
  devices: list(object(() => deviceRequest)),
  generic_resources: list(
    object(() => ({ discrete_resource_spec: object(() => ({ kind: { kept: "string" }, value: { kept: "integer" } })) })),
  ),
};

const update: Shape = {
  parallelism: kept("integer"),
  delay: "duration",
  failure_action: "string",
  monitor: "duration",
  max_failure_ratio: "float",
  order: "string",
};

const deploy: Shape = {
  mode: "string",
  replicas: kept("integer"),
  labels: "labels",
  update_config: object(() => update),
  rollback_config: object(() => update),
  resources: object(() => ({ limits: object(() => resource), reservations: object(() => resource) }), { always: true }),
  restart_policy: object(() => ({
    condition: "string",
    delay: kept("duration"),
    max_attempts: kept("integer"),
    window: kept("duration"),
  })),
  placement: object(
    () => ({ constraints: strings, preferences: list(object(() => ({ spread: "string" }))), max_replicas_per_node: "integer" }),
    { always: true },
  ),
  endpoint_mode: "string",
};

const rate = list(object(() => ({ path: kept("string"), rate: kept("bytes") }), { capitals: true }));

const blockIo: Shape = {
  weight: "integer",
  weight_device: list(object(() => ({ path: kept("string"), weight: kept("integer") }), { capitals: true })),
  device_read_bps: rate,
  device_read_iops: rate,
  device_write_bps: rate,
  device_write_iops: rate,
};

const network: Shape = {
  aliases: strings,
  driver_opts: "options",
  gw_priority: "integer",
  ...text("interface_name", "ipv4_address", "ipv6_address"),
  link_local_ips: strings,
  mac_address: "string",
  priority: "integer",
};

const mount: Shape = {
  ...text("type", "source", "target"),
  read_only: "boolean",
  consistency: "string",
  bind: object(() => ({ ...text("selinux", "propagation"), create_host_path: "boolean", recursive: "string" })),
  volume: object(() => ({ labels: "mapping", nocopy: "boolean", subpath: "string" })),
  tmpfs: object(() => ({ size: "bytes", mode: "integer" })),
  image: object(() => text("subpath")),
};

const watch: Shape = {
  path: kept("string"),
  action: kept("string"),
  target: "string",
  exec: object(() => hook, { always: true }),
  include: strings,
  ignore: strings,
  initial_sync: "boolean",
};

const healthcheck: Shape = {
  test: "test",
  timeout: kept("duration"),
  interval: kept("duration"),
  retries: kept("integer"),
  start_period: kept("duration"),
  start_interval: kept("duration"),
  disable: "boolean",
};

export const service: Shape = {
  profiles: strings,
  annotations: "mapping",
  attach: kept("boolean"),
  build: object(() => build),
  develop: object(() => ({ watch: list(object(() => watch)) })),
  blkio_config: object(() => blockIo),
  cap_add: strings,
  cap_drop: strings,
  ...text("cgroup_parent", "cgroup"),
  cpu_count: "integer",
  cpu_percent: "float",
  cpu_period: "integer",
  cpu_quota: "integer",
  cpu_rt_period: "integer",
  cpu_rt_runtime: "integer",
  cpus: "float",
  cpuset: "string",
  cpu_shares: "integer",
  command: { command: true },
  configs: list(object(() => fileMount)),
  container_name: "string",
  credential_spec: object(() => text("config", "file", "registry")),
  depends_on: map(object(() => ({ condition: "string", restart: "boolean", required: kept("boolean") }))),
  deploy: object(() => deploy),
  device_cgroup_rules: strings,
  devices: list(object(() => text("source", "target", "permissions"))),
  dns: "texts",
  dns_opt: strings,
  dns_search: "texts",
  ...text("dockerfile", "domainname"),
  entrypoint: { command: true },
  provider: object(() => ({ type: "string", options: "lists" })),
  environment: "environment",
  env_file: "envFiles",
  expose: "texts",
  extends: object(() => text("file", "service")),
  external_links: strings,
  extra_hosts: "hosts",
  group_add: strings,
  gpus: list(object(() => deviceRequest)),
  hostname: "string",
  healthcheck: object(() => healthcheck),
  image: "string",
  init: kept("boolean"),
  ...text("ipc", "isolation"),
  labels: "labels",
  label_file: strings,
  links: strings,
  logging: object(() => ({ driver: "string", options: "options" })),
  log_driver: "string",
  log_opt: "mapping",
  mem_limit: "bytes",
  mem_reservation: "bytes",
  memswap_limit: "bytes",
  mem_swappiness: "bytes",
  mac_address: "string",
  models: map(object(() => text("endpoint_var", "model_var"))),
  ...text("net", "network_mode"),
  networks: map(object(() => network)),
  oom_kill_disable: "boolean",
  oom_score_adj: "integer",
  pid: "string",
  pids_limit: "integer",
  platform: "string",
  ports: list(object(() => ({ ...text("name", "mode", "host_ip"), target: "integer", ...text("published", "protocol", "app_protocol") }))),
  privileged: "boolean",
  pull_policy: "string",
  read_only: "boolean",
  ...text("restart", "runtime"),
  scale: kept("integer"),
  secrets: list(object(() => fileMount)),
  security_opt: strings,
  shm_size: "bytes",
  stdin_open: "boolean",
  stop_grace_period: kept("duration"),
  stop_signal: "string",
  storage_opt: "mapping",
  sysctls: "mapping",
  tmpfs: "texts",
  tty: "boolean",
  ulimits,
  use_api_socket: "boolean",
  ...text("user", "userns_mode", "uts", "volume_driver"),
  volumes: list(object(() => mount)),
  volumes_from: strings,
  working_dir: "string",
  post_start: list(object(() => hook)),
  pre_stop: list(object(() => hook)),
};

const pool: Shape = { ...text("subnet", "gateway", "ip_range"), aux_addresses: "mapping" };

export const topNetwork: Shape = {
  ...text("name", "driver"),
  driver_opts: "options",
  ipam: object(() => ({ driver: "string", config: list(object(() => pool)) }), { always: true }),
  external: "boolean",
  internal: "boolean",
  attachable: "boolean",
  labels: "labels",
  enable_ipv4: kept("boolean"),
  enable_ipv6: kept("boolean"),
};

export const topVolume: Shape = { ...text("name", "driver"), driver_opts: "options", external: "boolean", labels: "labels" };

const fileObject: Shape = {
  ...text("name", "file", "environment", "content"),
  external: "boolean",
  labels: "labels",
  driver: "string",
  driver_opts: "mapping",
  template_driver: "string",
};

const languageModel: Shape = { ...text("name", "model"), context_size: "integer", runtime_flags: strings };

/** The whole of what is printed. */
export const project: Shape = {
  name: "string",
  services: kept(map(object(() => service))),
  networks: map(kept(object(() => topNetwork))),
  volumes: map(kept(object(() => topVolume))),
  secrets: map(kept(object(() => fileObject))),
  configs: map(kept(object(() => fileObject))),
  models: map(kept(object(() => languageModel))),
};
