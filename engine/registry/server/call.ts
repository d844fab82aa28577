/** A request to the registry once its path is judged, and what a handler gives back. */
import type { Writable } from "node:stream";
import type { Exchange } from "../../http/exchange.ts";
import type { Visitor } from "./auth/visitor.ts";
import type { Happening } from "./events/event.ts";
import type { PlaceKind } from "./protocol/place.ts";
import type { RegistryStorage } from "./storage/storage.ts";
import type { Copy } from "./upstream/copy.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Bytes. */
export interface SizeLimits {
  blob: number;
  manifest: number;
}

export interface Call {
  readonly exchange: Exchange;
  readonly storage: RegistryStorage;
  /** Of the repository, judged; "" where the path has none. */
  readonly name: string;
  /** Tag, digest or upload: each handler judges what it takes. */
  readonly reference: string;
  readonly query: URLSearchParams;
  readonly visitor: Visitor;
  readonly limits: SizeLimits;
  /** Where the repository is a copy of another registry's. */
  readonly copy?: Copy;
  /** Somebody may want to know of it. */
  tell(happening: Happening): void;
  /** Begins an answer that is sent bit by bit. */
  stream(status: number, headers: Record<string, string>): Writable;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  value?: unknown;
  body?: Buffer;
}

/** What a route does to a repository. */
export type Action = "pull" | "push" | "delete" | "list" | "look" | "none";

export interface RegistryRoute {
  methods: readonly Method[];
  place: PlaceKind;
  action: Action;
  summary: string;
  /** Nothing, when it has answered by a stream. */
  handle(call: Call): Promise<Answer | undefined>;
}
