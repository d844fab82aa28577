/** What a route is: one entry of a table, from which requests are matched and checked, and the documentation is written. */
import type { Duplex, Writable } from "node:stream";
import type { ContainerInspect } from "../container/index.ts";
import type { Engine } from "../engine.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Parameters, Values } from "./parameters.ts";
import type { Shape } from "./shapes.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

/** What a handler gives back; nothing, when it has answered by `stream` or `hijack`. */
export interface Answer {
  status: number;
  /** Sent as JSON. */
  value?: unknown;
  /** Sent as it is. */
  text?: string;
  headers?: Record<string, string>;
}

/** A request, once it is read and checked. */
export interface Call<Query = Record<string, unknown>, Body = unknown> {
  readonly engine: Engine;
  /** The variable parts of the path. */
  readonly path: Record<string, string>;
  readonly query: Query;
  readonly body: Body;
  /** The version of the API that the client speaks: 1.44 is 144. */
  readonly version: number;
  readonly exchange: Exchange;
  /** Aborts when the client goes, or the server stops. */
  readonly signal: AbortSignal;
  /** Begins an answer without an end that is known. */
  stream(contentType: string, headers?: Record<string, string>): Writable;
  /** Takes the connection over; the head goes out with `exchange.tell`. */
  hijack(contentType?: string, headers?: Record<string, string>): Duplex;
  /** What `logs --details` puts before each line of a container's log. */
  logDetails(container: ContainerInspect): Promise<string>;
}

export interface Route {
  method: Method;
  /** As docker's documentation writes it: "/containers/{id}/json"; {name...} may hold slashes. */
  path: string;
  summary: string;
  query: Parameters;
  /** A body that is read and checked; without, the handler finds it in the exchange. */
  body?: Shape;
  /** May take the connection over. */
  hijacks?: boolean;
  handle(call: Call): Promise<Answer | undefined>;
}

interface RouteSpec<P extends Parameters, B> {
  summary: string;
  query?: P;
  body?: Shape<B>;
  hijacks?: boolean;
  handle(call: Call<Values<P>, B>): Promise<Answer | undefined>;
}

/** @param at "GET /containers/json" */
export function route<P extends Parameters, B>(at: `${Method} /${string}`, spec: RouteSpec<P, B>): Route {
  const [method, path] = at.split(" ") as [Method, string];
  return { ...spec, method, path, query: spec.query ?? {}, handle: spec.handle as Route["handle"] };
}

export const ok = (value: unknown): Answer => ({ status: 200, value });
/** What is JSON already. */
export const asJson = (text: string): Answer => ({ status: 200, headers: { "Content-Type": "application/json" }, text: `${text}\n` });
export const created = (value: unknown): Answer => ({ status: 201, value });
export const noContent: Answer = { status: 204 };
/** It was so before. */
export const notModified: Answer = { status: 304 };
