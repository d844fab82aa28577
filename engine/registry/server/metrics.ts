/**
 * What a registry counts, as Prometheus reads it. No label has a name of a repository or of a user: who may read the numbers need not be
 * let in there, and labels that clients make up would grow without an end.
 */
import { statfs } from "node:fs/promises";
import type { RegistryStorage } from "./storage/storage.ts";

/** A request that is over. */
export interface Observed {
  method: string;
  /** Kind of its path: "manifest", "blob". */
  place: string;
  status: number;
  /** Milliseconds. */
  duration: number;
}

export interface Metrics {
  /** A request begins. @returns what is called when it is over */
  begin(): (observed: Observed) => void;
  /** In the text format 0.0.4. */
  expose(): Promise<{ type: string; text: string }>;
}

/** Of requests: seconds, from an answer out of memory to a blob that takes minutes. */
const buckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300];
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** Loads prom-client. @param root the registry's directory */
export async function openMetrics(storage: RegistryStorage, root: string): Promise<Metrics> {
  const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } = await import("prom-client");
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const labelNames = ["method", "place"] as const;
  const prefix = "berth_registry_";
  const total = new Counter({
    ...{ name: `${prefix}http_requests_total`, help: "Requests that were answered", registers },
    labelNames: [...labelNames, "status"] as const,
  });
  const duration = new Histogram({
    ...{ name: `${prefix}http_request_duration_seconds`, help: "From the head of a request to the end of its answer", registers },
    ...{ labelNames, buckets },
  });
  const underWay = new Gauge({ name: `${prefix}http_requests_in_flight`, help: "Requests that are being answered", registers });
  new Gauge({
    ...{ name: `${prefix}uploads_in_progress`, help: "Uploads that were begun and not ended", registers },
    collect() {
      this.set(storage.uploads);
    },
  });
  new Gauge({
    ...{ name: `${prefix}disk_free_bytes`, help: "Free on the file system of the registry's directory", registers },
    async collect() {
      const { bavail, bsize } = await statfs(root);
      this.set(bavail * bsize);
    },
  });
  new Gauge({
    ...{ name: `${prefix}ready`, help: "1 when the registry's directory can be written, else 0", registers },
    async collect() {
      this.set(
        await storage.requireWritable().then(
          () => 1,
          () => 0,
        ),
      );
    },
  });
  return {
    begin() {
      underWay.inc();
      return ({ method, place, status, duration: milliseconds }) => {
        underWay.dec();
        const labels = { method: methods.includes(method) ? method : "other", place };
        total.inc({ ...labels, status });
        duration.observe(labels, milliseconds / 1000);
      };
    },
    expose: async () => ({ type: register.contentType, text: await register.metrics() }),
  };
}
