/** How a registry is, for those who look after it: nobody is asked for a password, and nothing is said that is not for everybody. */
import type { Answer } from "./call.ts";
import type { RegistryStorage } from "./storage/storage.ts";

/** /healthz: it lives. /readyz: it can do its work, which is not so when its directory cannot be written. */
const looks = new Map<string, (storage: RegistryStorage) => Promise<Answer>>([
  ["/healthz", async () => ({ status: 200, value: { status: "ok" } })],
  [
    "/readyz",
    async (storage) => {
      try {
        await storage.requireWritable();
        return { status: 200, value: { status: "ok" } };
      } catch (error) {
        const { code = "unknown" } = error as NodeJS.ErrnoException;
        return { status: 503, value: { status: "unavailable", reason: `the registry's directory cannot be written: ${code}` } };
      }
    },
  ],
]);

/** Undefined for other paths. */
export function healthOf(path: string, method: string, storage: RegistryStorage): Promise<Answer> | undefined {
  return method === "GET" || method === "HEAD" ? looks.get(path)?.(storage) : undefined;
}
