/** The Compose Deploy Specification's part of a service. What only a cluster does is kept, and ignored by this host. Texts as in service.ts. */
import type { Extensible } from "./elements.ts";

export interface Deploy extends Extensible {
  mode?: string;
  replicas?: number;
  labels?: Record<string, string>;
  update_config?: Update;
  rollback_config?: Update;
  resources?: Resources;
  restart_policy?: RestartPolicy;
  placement?: Placement;
  endpoint_mode?: string;
}

export interface Update extends Extensible {
  parallelism?: number;
  delay?: string;
  failure_action?: string;
  monitor?: string;
  max_failure_ratio?: number;
  order?: string;
}

export interface Resources extends Extensible {
  limits?: Resource;
  reservations?: Resource;
}

export interface Resource extends Extensible {
  /** Processors, as a fraction. */
  cpus?: number;
  memory?: string;
  pids?: number;
  devices?: DeviceRequest[];
  generic_resources?: { discrete_resource_spec?: { kind: string; value: number } }[];
}

export interface DeviceRequest {
  capabilities?: string[];
  driver?: string;
  /** -1 is all. */
  count?: number;
  device_ids?: string[];
  options?: Record<string, string>;
}

export interface RestartPolicy extends Extensible {
  /** "none", "on-failure" or "any". */
  condition?: string;
  delay?: string;
  max_attempts?: number;
  window?: string;
}

export interface Placement extends Extensible {
  constraints?: string[];
  preferences?: { spread?: string }[];
  max_replicas_per_node?: number;
}
