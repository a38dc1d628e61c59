/** A package.json as its starter writes it: private, with the fields that the sample names. */
export function packageJson(fields: PackageFields): string {
  return `${JSON.stringify({ name: "sample", version: "1.0.0", private: true, ...fields }, null, 2)}\n`;
}

interface PackageFields {
  readonly type?: "module";
  readonly main?: string;
  /** Parcel's entry. */
  readonly source?: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, string>>;
  readonly browserslist?: Readonly<Record<string, readonly string[]>> | readonly string[];
}
