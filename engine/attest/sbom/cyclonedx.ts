/** A bill of materials as a CycloneDX 1.6 document, written by the format's own library. Pure. */
import * as Enums from "@cyclonedx/cyclonedx-library/Enums";
import * as Models from "@cyclonedx/cyclonedx-library/Models";
import * as Serialize from "@cyclonedx/cyclonedx-library/Serialize";
import * as Spec from "@cyclonedx/cyclonedx-library/Spec";
import { type FoundPackage, purlOf } from "./package.ts";
import type { BillSubject } from "./subject.ts";

/** @param isLicense tells SPDX's own expressions from other words */
export function cyclonedxDocument(subject: BillSubject, packages: readonly FoundPackage[], isLicense: (text: string) => boolean): object {
  const { name, digest, created, distribution, version, identity } = subject;
  const image = new Models.Component(Enums.ComponentType.Container, name, { bomRef: digest, version: digest });
  const bom = new Models.Bom({
    serialNumber: `urn:uuid:${identity}`,
    metadata: new Models.Metadata({
      timestamp: new Date(created),
      component: image,
      tools: new Models.Tools({
        components: new Models.ComponentRepository([new Models.Component(Enums.ComponentType.Application, "berth", { version })]),
      }),
    }),
  });
  for (const each of packages) {
    const component = componentOf(each, purlOf(each, distribution), isLicense);
    bom.components.add(component);
    image.dependencies.add(component.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return JSON.parse(serializer.serialize(bom, { sortLists: true })) as object;
}

function componentOf(each: FoundPackage, purl: string, isLicense: (text: string) => boolean): Models.Component {
  const component = new Models.Component(Enums.ComponentType.Library, each.name, {
    bomRef: purl,
    ...(each.namespace && { group: each.namespace }),
    ...(each.version && { version: each.version }),
    ...(each.supplier && { supplier: new Models.OrganizationalEntity({ name: each.supplier }) }),
    purl,
  });
  if (each.license)
    component.licenses.add(isLicense(each.license) ? new Models.LicenseExpression(each.license) : new Models.NamedLicense(each.license));
  component.properties.add(new Models.Property("berth:place", each.place));
  return component;
}
