/** A container's configuration, as clients send it along with a commit, in Dockerfile instructions. Pure. */
import type { config } from "./container-shapes.ts";
import type { Body } from "./shapes.ts";

type Config = Body<typeof config>;

const quote = (text: string) => `"${text.replace(/[\\"$]/g, "\\$&").replaceAll("\n", "\\n")}"`;

function pair(text: string): string {
  const at = text.indexOf("=");
  return at < 0 ? `${text}=""` : `${text.slice(0, at)}=${quote(text.slice(at + 1))}`;
}

/** What is not given stays as the container has it. */
export function configChanges({
  Cmd,
  Entrypoint,
  Env,
  ExposedPorts,
  Labels,
  StopSignal,
  User,
  Volumes,
  WorkingDir,
  OnBuild,
}: Config): string[] {
  return [
    ...(User ? [`USER ${User}`] : []),
    ...(WorkingDir ? [`WORKDIR ${WorkingDir}`] : []),
    ...(Env ?? []).map((each) => `ENV ${pair(each)}`),
    ...Object.entries(Labels ?? {}).map(([name, value]) => `LABEL ${quote(name)}=${quote(value)}`),
    ...Object.keys(ExposedPorts ?? {}).map((port) => `EXPOSE ${port}`),
    ...Object.keys(Volumes ?? {}).map((path) => `VOLUME ${JSON.stringify([path])}`),
    ...(Entrypoint?.length ? [`ENTRYPOINT ${JSON.stringify(Entrypoint)}`] : []),
    ...(Cmd?.length ? [`CMD ${JSON.stringify(Cmd)}`] : []),
    ...(StopSignal ? [`STOPSIGNAL ${StopSignal}`] : []),
    ...(OnBuild ?? []).map((each) => `ONBUILD ${each}`),
  ];
}
