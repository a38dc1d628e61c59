// as in issue.ts
// oxlint-disable-next-line import/no-unassigned-import
import "reflect-metadata";
import { AsnConvert } from "@peculiar/asn1-schema";
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from "@peculiar/asn1-x509";
import { Extension } from "@peculiar/x509";

const nameConstraints = "2.5.29.30";

/** Holds an authority to one domain and what is below it: no other name, no address. Who trusts it trusts it for these alone. */
export function constrainTo(domain: string): Extension {
  const value = new NameConstraints({
    permittedSubtrees: new GeneralSubtrees([subtree({ dNSName: domain })]),
    excludedSubtrees: new GeneralSubtrees([subtree({ iPAddress: "0.0.0.0/0" }), subtree({ iPAddress: "::/0" })]),
  });
  return new Extension(nameConstraints, true, AsnConvert.serialize(value));
}

function subtree(base: Partial<GeneralName>): GeneralSubtree {
  return new GeneralSubtree({ base: new GeneralName(base) });
}
