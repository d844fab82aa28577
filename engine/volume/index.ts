/** The volumes room as the rest of the program sees it: the interface only. Shapes follow the Docker Engine API. */
import type { Filters } from "../docker.ts";

export interface VolumeInspect {
  CreatedAt: string;
  Driver: "local";
  Labels: Record<string, string> | null;
  /** Absolute path of the volume's data on the host. */
  Mountpoint: string;
  Name: string;
  Options: Record<string, string> | null;
  Scope: "local";
  UsageData?: { Size: number; RefCount: number };
}

export interface VolumeCreate {
  /** Absent or "": an anonymous volume. */
  Name?: string | undefined;
  Driver?: string | undefined;
  Labels?: Record<string, string>;
  DriverOpts?: Record<string, string>;
}

export interface Volumes {
  create(options: VolumeCreate): Promise<VolumeInspect>;
  list(options?: { filters?: Filters; size?: boolean }): Promise<VolumeInspect[]>;
  inspect(name: string): Promise<VolumeInspect>;
  remove(name: string, options?: { force?: boolean }): Promise<void>;
  /** Without `all`, only anonymous volumes, as docker. */
  prune(options?: { all?: boolean; filters?: Filters }): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }>;
}
