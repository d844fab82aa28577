/** A context as an archive, docker's: a tar of meta.json and tls/docker/*.pem; docker's client imports zips of the same, too. */
import { Readable } from "node:stream";
import { EngineError } from "../../errors.ts";
import { encodeHeader, padding, readTar, tarHeader, trailer } from "../../image/tar/index.ts";
import { checkName, type StoredContext, type TlsFiles, toDocument } from "./store.ts";

/** Bytes of all of it. */
const limit = 10 << 20;

export function packContext({ document, tls }: StoredContext): Buffer {
  const file = (name: string, content: Buffer) => [
    encodeHeader(tarHeader({ name, size: content.length, mode: name === "meta.json" ? 0o644 : 0o600 })),
    content,
    padding(content.length),
  ];
  const directory = (name: string) => encodeHeader(tarHeader({ name, type: "directory", mode: 0o700 }));
  const names = Object.keys(tls).sort();
  return Buffer.concat([
    ...file("meta.json", Buffer.from(JSON.stringify(document))),
    directory("tls"),
    ...(names.length > 0 ? [directory("tls/docker")] : []),
    ...names.flatMap((name) => file(`tls/docker/${name}`, tls[name]!)),
    trailer,
  ]);
}

/** @param name under which it is to be kept. @throws EngineError `invalid`, `archive` */
export async function unpackContext(bytes: Buffer, name: string): Promise<StoredContext> {
  checkName(name);
  if (bytes.subarray(0, 4).toString("latin1") === "PK\u0003\u0004")
    throw new EngineError("unsupported", "cannot import a zip: berth reads contexts that are tar archives", {
      hint: "export it anew with 'docker context export'",
    });
  let document: StoredContext["document"] | undefined;
  const tls: TlsFiles = {};
  for await (const { header, content } of readTar(Readable.from([bytes]))) {
    const [, file] = /^tls\/docker\/([\w.-]+)$/.exec(header.name) ?? [];
    if (header.type !== "file" || (file === undefined && header.name !== "meta.json")) continue;
    if (header.size > limit) throw new EngineError("archive", `cannot import the context: "${header.name}" is larger than ${limit} bytes`);
    const whole = Buffer.concat(await Array.fromAsync(content()));
    if (file === undefined) document = toDocument(whole.toString("utf8"), header.name);
    else tls[file] = whole;
  }
  if (!document) throw new EngineError("invalid", "invalid context: no metadata found");
  return { document: { ...document, Name: name }, tls };
}
