/** An address by flags and environment: is TLS spoken, and is the server's certificate looked at. */
import { expect, test } from "vitest";
import { addressedHost, type TlsFlags } from "../../../../engine/remote/contexts/choose.ts";

const paths = { DOCKER_CERT_PATH: "/nosuch" };
const insecureAt = (flags: TlsFlags, env: Record<string, string>) => addressedHost("tcp://h:1", flags, { ...paths, ...env }).tls?.insecure;

test("any word in $DOCKER_TLS is --tls, any in $DOCKER_TLS_VERIFY is --tlsverify", () => {
  expect([insecureAt({}, {}), insecureAt({}, { DOCKER_TLS: "", DOCKER_TLS_VERIFY: "" })]).toEqual([undefined, undefined]);
  expect([insecureAt({ tls: true }, {}), insecureAt({}, { DOCKER_TLS: "0" })]).toEqual([true, true]);
  expect([insecureAt({ verify: true }, {}), insecureAt({}, { DOCKER_TLS_VERIFY: "0" })]).toEqual([false, false]);
  expect(insecureAt({}, { DOCKER_TLS: "1", DOCKER_TLS_VERIFY: "1" })).toBe(false);
  expect(addressedHost("unix:///x", {}, { ...paths, DOCKER_TLS: "1" }).tls).toBeUndefined();
});
