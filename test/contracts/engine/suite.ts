/** The whole contract, tried on one engine after the other. */
import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { capabilities } from "./capabilities.ts";
import { containerLife, containerStreams } from "./containers.ts";
import type { Exceptions, Host } from "./host.ts";
import { containerExec, containerFiles } from "./inside.ts";
import { builds, events, images, networks, volumes } from "./objects.ts";

export interface Contender {
  open(): Promise<Host>;
  exceptions: Exceptions;
}

const parts = { containerLife, containerStreams, containerExec, containerFiles, images, builds, networks, volumes, events, capabilities };

export function contract(contenders: Record<string, Contender>): void {
  describe.each(Object.entries(contenders))("%s", (_, { open, exceptions }) => {
    let host: Host;
    beforeAll(async () => {
      host = await open();
    });
    beforeEach(({ task, skip }) => {
      const reason = exceptions[task.name];
      if (reason) skip(reason);
    });
    afterAll(() => host?.[Symbol.asyncDispose]());
    for (const [name, part] of Object.entries(parts)) if (!exceptions[name]) describe(name, () => part(() => host));
  });
}
