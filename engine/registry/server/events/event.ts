/** What happened to a repository, in the form that distribution's notifications have (its envelope, version 2). Pure. */
import { randomUUID } from "node:crypto";

export const eventActions = ["push", "pull", "delete"] as const;
export type EventAction = (typeof eventActions)[number];

/** As a route tells it. */
export interface Happening {
  action: EventAction;
  kind: "manifests" | "blobs";
  /** Absent where a tag alone is gone. */
  digest?: string;
  mediaType?: string;
  /** Bytes. */
  size?: number;
  tag?: string;
  /** Where a blob was mounted from. */
  from?: string;
}

/** The request that did it. */
export interface Doing {
  repository: string;
  user?: string;
  /** The client's address. */
  remote: string;
  /** "http" or "https", and the name that the client has for this registry. */
  scheme: string;
  host: string;
  method: string;
  userAgent: string;
}

export const eventsType = "application/vnd.docker.distribution.events.v2+json";
/** Of this process. */
const instanceID = randomUUID();

export function envelopeOf({ action, kind, digest, mediaType, size, tag, from }: Happening, doing: Doing, now = new Date()): object {
  const { repository, user, remote, scheme, host, method, userAgent } = doing;
  const target = {
    ...(mediaType !== undefined && { mediaType }),
    ...(digest !== undefined && { digest, url: `${scheme}://${host}/v2/${repository}/${kind}/${digest}` }),
    ...(size !== undefined && { size, length: size }),
    ...{ repository, ...(from !== undefined && { fromRepository: from }), ...(tag !== undefined && { tag }) },
  };
  const event = {
    ...{ id: randomUUID(), timestamp: now.toISOString(), action: from === undefined ? action : "mount", target },
    request: { id: randomUUID(), addr: remote, host, method, useragent: userAgent },
    actor: user === undefined ? {} : { name: user },
    source: { addr: host, instanceID },
  };
  return { events: [event] };
}
