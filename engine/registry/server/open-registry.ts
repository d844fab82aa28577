/** A registry as its user wishes it: files read, directory opened, gate, limits and listeners put together. */

import { EngineError } from "../../errors.ts";
import type { HttpListener } from "../../http/server.ts";
import { tlsFiles } from "../../http/tls-files.ts";
import { repositoryGlob } from "../../image/documents/index.ts";
import { parseListen } from "./address.ts";
import { openGate } from "./auth/open-gate.ts";
import { Webhooks } from "./events/webhooks.ts";
import { openMetrics } from "./metrics.ts";
import { type Access, serveMetrics, serveRegistry } from "./server.ts";
import { openSettings } from "./settings/open-settings.ts";
import type { Settings } from "./settings/settings.ts";
import { openDirectory } from "./storage/directory.ts";
import { quotaOf } from "./storage/quota.ts";
import type { RegistryStorage } from "./storage/storage.ts";
import { parseUpstream } from "./upstream/address.ts";
import { Upstreams } from "./upstream/upstreams.ts";
import { Site } from "./web/site.ts";

export interface RegistryWish {
  /** Its directory. */
  root: string;
  /** HOST:PORT */
  listen: string;
  /** Files. */
  htpasswd?: string;
  config?: string;
  rules?: string;
  tls?: { cert: string; key: string };
  anonymousPull: boolean;
  /** Address of the registry of which all repositories are copies that the configuration says nothing else of. */
  proxy?: string;
  insecure: boolean;
  readOnly: boolean;
  /** Bytes of repositories that the configuration says nothing of. */
  quota?: number;
  /** Globs. */
  immutableTags: readonly string[];
  /** Milliseconds. */
  uploadExpiry?: number;
  /** Pages for browsers, at "/". */
  web: boolean;
  /** HOST:PORT of their own, "" for the registry's; absent for none. */
  metrics?: string;
  /** Told of what its user should know, and no client hears. */
  warn(text: string): void;
  /** Told of each request when it is over. */
  log?(access: Access): void;
}

export interface OpenRegistry extends AsyncDisposable {
  url: string;
  metricsUrl?: string;
  storage: RegistryStorage;
}

/** Milliseconds that requests have to end when the server stops. */
const patience = 10_000;

/** @throws EngineError `usage` and `invalid` for what does not fit together, `in-use`, `conflict`, `system` */
export async function openRegistry(wish: RegistryWish): Promise<OpenRegistry> {
  const { root, htpasswd, tls, insecure, readOnly, log } = wish;
  const scheme = tls ? "https" : "http";
  const protection = { users: htpasswd !== undefined, tls: tls !== undefined, insecure };
  const address = parseListen(wish.listen, protection);
  // Numbers are no secret, and have no names in them: others may reach them.
  const aside = wish.metrics ? parseListen(wish.metrics, { ...protection, insecure: true }) : undefined;
  const settings = await openSettings(wish.config, wish.rules);
  const rules = [...(settings.upstreams ?? []), ...(wish.proxy === undefined ? [] : [{ url: parseUpstream(wish.proxy) }])];
  const gate = gateOf(wish, settings, scheme);
  const identity = tls && tlsFiles(tls.cert, tls.key, wish.warn);
  await using stack = new AsyncDisposableStack();
  const storage = stack.use(await openDirectory({ root, ...directoryOptions(wish, settings) }));
  const metrics = wish.metrics === undefined ? undefined : await openMetrics(storage, root);
  const upstreams = rules.length > 0 ? stack.use(new Upstreams(rules, storage)) : undefined;
  const webhooks = settings.webhooks && stack.use(new Webhooks(settings.webhooks, wish.warn));
  const { requests: rate, ...limits } = settings.limits ?? {};
  const options = {
    address,
    storage,
    gate,
    tls: identity,
    readOnly,
    rate,
    limits,
    upstreams,
    webhooks,
    site: wish.web ? new Site(storage) : undefined,
    metrics,
    log,
  };
  const opened = (listener: HttpListener) => stack.adopt(listener, (each) => each.close(patience));
  const main = opened(await serveRegistry(options));
  const beside = metrics && aside && opened(await serveMetrics(metrics, aside));
  const open = stack.move();
  return {
    url: main.url.replace("tcp", scheme),
    ...(beside && { metricsUrl: `${beside.url.replace("tcp", "http")}/metrics` }),
    storage,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function gateOf({ htpasswd, anonymousPull }: RegistryWish, { rules }: Settings, scheme: string) {
  if (htpasswd !== undefined) return openGate({ htpasswd, anonymousPull, scheme, ...(rules && { rules }) });
  if (!rules && !anonymousPull) return undefined;
  throw new EngineError("usage", "rules and --anonymous-pull are for a registry that asks for passwords: give --htpasswd");
}

function directoryOptions({ uploadExpiry, quota, immutableTags }: RegistryWish, { quotas = [], retention = [] }: Settings) {
  const immutable = immutableTags.map(repositoryGlob);
  return {
    ...(uploadExpiry !== undefined && { uploadExpiry }),
    ...{ quota: quotaOf(quotas, quota), retention },
    isImmutable: (tag: string) => immutable.some((pattern) => pattern.test(tag)),
  };
}
