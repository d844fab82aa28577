/**
 * A service of a loaded project: every element of the Compose Specification's `services`, in its long form. Names and shapes are
 * those of the specification and of what docker compose prints as JSON, so that a project can be printed, compared and read by
 * scripts as it is. How to read the texts in it: durations are Go's ("1m30s", see duration.ts), sizes are bytes in decimal digits
 * ("67108864"), modes are octal ("0444"). What a file leaves out is left out here.
 */
import type { Build } from "./build-section.ts";
import type { Deploy, DeviceRequest } from "./deploy-section.ts";
import type { Environment, Extensible, FileMount, Ulimit } from "./elements.ts";

export interface Service extends Extensible {
  profiles?: string[];
  annotations?: Record<string, string>;
  attach?: boolean;
  build?: Build;
  develop?: Develop;
  blkio_config?: BlockIo;
  cap_add?: string[];
  cap_drop?: string[];
  cgroup_parent?: string;
  /** "host" or "private". */
  cgroup?: string;
  cpu_count?: number;
  cpu_percent?: number;
  cpu_period?: number;
  cpu_quota?: number;
  cpu_rt_period?: number;
  cpu_rt_runtime?: number;
  cpus?: number;
  cpuset?: string;
  cpu_shares?: number;
  /** [] clears the image's; null or absent leaves it. */
  command?: string[] | null;
  configs?: FileMount[];
  container_name?: string;
  credential_spec?: CredentialSpec;
  depends_on?: Record<string, Dependency>;
  deploy?: Deploy;
  device_cgroup_rules?: string[];
  devices?: DeviceMapping[];
  dns?: string[];
  dns_opt?: string[];
  dns_search?: string[];
  domainname?: string;
  /** [] clears the image's; null or absent leaves it. */
  entrypoint?: string[] | null;
  provider?: Provider;
  environment?: Environment;
  /** Read into `environment` when a project is loaded, and then left out, unless the loader is told to leave them. */
  env_file?: EnvFile[];
  expose?: string[];
  /** Carried out when a project is loaded: present only where that was left undone. */
  extends?: { file?: string; service: string };
  external_links?: string[];
  /** "HOST=ADDRESS", in order. */
  extra_hosts?: string[];
  group_add?: string[];
  gpus?: DeviceRequest[];
  hostname?: string;
  healthcheck?: HealthCheck;
  image?: string;
  init?: boolean;
  ipc?: string;
  isolation?: string;
  labels?: Record<string, string>;
  /** As `env_file`, for `labels`. */
  label_file?: string[];
  links?: string[];
  logging?: Logging;
  log_driver?: string;
  log_opt?: Record<string, string>;
  mem_limit?: string;
  mem_reservation?: string;
  /** "-1" is without a limit. */
  memswap_limit?: string;
  mem_swappiness?: string;
  mac_address?: string;
  models?: Record<string, ServiceModel | null>;
  net?: string;
  network_mode?: string;
  /** By the network's key; null is a connection without options. */
  networks?: Record<string, ServiceNetwork | null>;
  oom_kill_disable?: boolean;
  oom_score_adj?: number;
  pid?: string;
  pids_limit?: number;
  platform?: string;
  ports?: Port[];
  post_start?: Hook[];
  pre_stop?: Hook[];
  privileged?: boolean;
  pull_policy?: string;
  read_only?: boolean;
  restart?: string;
  runtime?: string;
  scale?: number;
  secrets?: FileMount[];
  security_opt?: string[];
  shm_size?: string;
  stdin_open?: boolean;
  stop_grace_period?: string;
  stop_signal?: string;
  storage_opt?: Record<string, string>;
  sysctls?: Record<string, string>;
  /** "PATH" or "PATH:OPTIONS". */
  tmpfs?: string[];
  tty?: boolean;
  ulimits?: Record<string, Ulimit>;
  use_api_socket?: boolean;
  user?: string;
  userns_mode?: string;
  uts?: string;
  volume_driver?: string;
  volumes?: Mount[];
  volumes_from?: string[];
  working_dir?: string;
}

export interface Dependency extends Extensible {
  condition: "service_started" | "service_healthy" | "service_completed_successfully";
  /** Restart this service after compose restarted the other. */
  restart?: boolean;
  /** false: a missing or disabled one is no error. */
  required: boolean;
}

/** What a path that is no required file of the default format looks like; the rest is the path alone. */
export type EnvFile = string | { path: string; required: boolean; format?: string };

export interface HealthCheck extends Extensible {
  /** Begins with "CMD", "CMD-SHELL" or "NONE". */
  test?: string[];
  timeout?: string;
  interval?: string;
  retries?: number;
  start_period?: string;
  start_interval?: string;
  disable?: boolean;
}

export interface Logging extends Extensible {
  driver?: string;
  options?: Record<string, string>;
}

export interface ServiceNetwork extends Extensible {
  aliases?: string[];
  driver_opts?: Record<string, string>;
  gw_priority?: number;
  interface_name?: string;
  ipv4_address?: string;
  ipv6_address?: string;
  link_local_ips?: string[];
  mac_address?: string;
  priority?: number;
}

export interface Port extends Extensible {
  name?: string;
  /** "ingress" or "host". */
  mode?: string;
  host_ip?: string;
  /** The container's port. */
  target: number;
  /** The host's: "8080", or a range to choose from "8080-8090"; absent: one that is free. */
  published?: string;
  /** "tcp", "udp" or "sctp". */
  protocol?: string;
  app_protocol?: string;
}

export interface Mount extends Extensible {
  type: "bind" | "volume" | "tmpfs" | "npipe" | "cluster" | "image";
  /** A path of the host, the key of a volume of the project, or an image; absent: an anonymous volume. */
  source?: string;
  target: string;
  read_only?: boolean;
  consistency?: string;
  bind?: { selinux?: "z" | "Z"; propagation?: string; create_host_path?: boolean; recursive?: string } & Extensible;
  volume?: { labels?: Record<string, string>; nocopy?: boolean; subpath?: string } & Extensible;
  tmpfs?: { size?: string; mode?: number } & Extensible;
  image?: { subpath?: string } & Extensible;
}

export interface DeviceMapping extends Extensible {
  source: string;
  target?: string;
  permissions?: string;
}

export interface BlockIo extends Extensible {
  weight?: number;
  weight_device?: { path: string; weight?: number }[];
  device_read_bps?: DeviceRate[];
  device_read_iops?: DeviceRate[];
  device_write_bps?: DeviceRate[];
  device_write_iops?: DeviceRate[];
}

export interface DeviceRate {
  path: string;
  /** Bytes or operations a second. */
  rate?: string;
}

export interface CredentialSpec extends Extensible {
  config?: string;
  file?: string;
  registry?: string;
}

/** A command that runs in a container after its start or before its stop. */
export interface Hook extends Extensible {
  command: string[];
  user?: string;
  privileged?: boolean;
  working_dir?: string;
  environment?: Environment;
}

/** A program of the host that provides the service in place of a container. */
export interface Provider extends Extensible {
  type: string;
  options?: Record<string, string[]>;
}

export interface ServiceModel extends Extensible {
  endpoint_var?: string;
  model_var?: string;
}

export interface Develop extends Extensible {
  watch?: Watch[];
}

export interface Watch extends Extensible {
  path: string;
  action: "sync" | "rebuild" | "restart" | "sync+restart" | "sync+exec";
  target?: string;
  exec?: Hook;
  include?: string[];
  ignore?: string[];
  initial_sync?: boolean;
}
