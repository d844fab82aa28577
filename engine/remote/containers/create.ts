/** `create`: the image is fetched by the host when it has not got it, and when the policy says so. */
import { writeFileSync } from "node:fs";
import type { ContainerCreate } from "../../container/index.ts";
import { EngineError } from "../../errors.ts";
import type { ProgressEvent } from "../../events.ts";
import { pullImage, refuseUnverified } from "../images/transfer.ts";
import type { Link } from "../link/link.ts";

const created = { Id: "", Warnings: [""] };

/** See container/index.ts. */
export async function* createContainer(
  link: Link,
  spec: ContainerCreate,
  signal?: AbortSignal,
): AsyncGenerator<ProgressEvent, { Id: string; Warnings: string[] }> {
  const { Pull = "missing", Platform, Image } = spec;
  await refuse(link, spec);
  const fetched = () => pullImage(link, Image, { ...(Platform !== undefined && { platform: Platform }), ...(signal && { signal }) });
  if (Pull === "always") yield* fetched();
  try {
    return await send(link, spec, signal);
  } catch (error) {
    if (Pull !== "missing" || !isMissingImage(error)) throw error;
    yield { type: "message", text: `Unable to find image '${/[:@][^/]*$/.test(Image) ? Image : `${Image}:latest`}' locally` };
    yield* fetched();
    return send(link, spec, signal);
  }
}

/** What a host, or an older one, would leave out without a word. */
async function refuse(link: Link, { HostConfig = {}, Healthcheck, NoVerify }: ContainerCreate): Promise<void> {
  refuseUnverified(NoVerify);
  if (HostConfig.Annotations && Object.keys(HostConfig.Annotations).length > 0) await link.needs(143, "annotation");
  if (Healthcheck?.StartInterval) await link.needs(144, "health-start-interval");
  const mounts = HostConfig.Mounts ?? [];
  if (mounts.some(({ Type }) => Type === "image")) await link.needs(148, "type=image");
  if (mounts.some(({ VolumeOptions }) => VolumeOptions?.Subpath)) await link.needs(145, "volume-subpath");
}

const isMissingImage = (error: unknown) =>
  error instanceof EngineError && error.code === "not-found" && /no such image/i.test(error.message);

async function send(link: Link, spec: ContainerCreate, signal: AbortSignal | undefined): Promise<{ Id: string; Warnings: string[] }> {
  const { Name, Platform, Pull: _pull, AllowAnnotations: _allowed, NoVerify: _refused, IdFile, ...config } = spec;
  const made = await link.json("POST", "/containers/create", created, { query: { name: Name, platform: Platform }, value: config, signal });
  if (IdFile) writeFileSync(IdFile, made.Id, { flag: "wx" });
  return made;
}
