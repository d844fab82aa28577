// What a pipeline does with a registry, in small: logs in, pushes an artifact, promotes it, and reads back what it has sent.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const registry = process.argv[2];
const password = readFileSync("/run/secrets/password", "utf8").trim();
const auth = Buffer.from(`ci:${password}`).toString("base64");
writeFileSync(`${process.env.DOCKER_CONFIG}/config.json`, JSON.stringify({ auths: { [registry]: { auth } } }), { mode: 0o600 });

const digestOf = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const berth = (...words) =>
  execFileSync(process.execPath, ["/usr/lib/node_modules/berth/dist/main.cjs", "registry", ...words], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });

async function send(path, method, body, type = "application/octet-stream") {
  const answer = await fetch(`http://${registry}/v2/${path}`, {
    method,
    body,
    headers: { authorization: `Basic ${auth}`, "content-type": type },
  });
  if (answer.status !== 201) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

const content = Buffer.from("built by the pipeline\n");
const config = Buffer.from("{}");
for (const bytes of [content, config]) await send(`team/notes/blobs/uploads/?digest=${digestOf(bytes)}`, "POST", bytes);
const describe = (mediaType, bytes) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
const type = "application/vnd.oci.image.manifest.v1+json";
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: type,
  artifactType: "text/plain",
  config: describe("application/vnd.oci.empty.v1+json", config),
  layers: [describe("text/plain", content)],
});
await send("team/notes/manifests/1.0", "PUT", manifest, type);

berth("copy", `${registry}/team/notes:1.0`, `${registry}/public/notes:latest`);
const pulled = berth("inspect", "--raw", `${registry}/public/notes:latest`);
if (pulled !== manifest) throw new Error("what came back is not what was sent");
console.log(`pushed and pulled ${digestOf(manifest)}`);
console.log(berth("ls", "-q", registry).trim());
