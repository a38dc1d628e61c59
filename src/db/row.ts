/** A record as a row holds it: an optional field is null instead of absent. */
export type Row<T> = { readonly [K in keyof T]-?: {} extends Pick<T, K> ? Exclude<T[K], undefined> | null : T[K] };

/** The record of a row: fields that are null are left out. */
export function fromRow<T extends object>(row: Row<T>): T {
  const present = Object.entries(row).filter(([, value]) => value !== null);
  // `Row` and this filter are inverse by definition: what is null in the row is optional in the record
  return Object.fromEntries(present) as T;
}

/** What a jsonb column takes: NUL and lone surrogates, which Postgres refuses, become U+FFFD. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) => (typeof field === "string" ? clean(field) : field));
}

function clean(text: string): string {
  return Buffer.from(text.replaceAll("\0", "\uFFFD")).toString();
}
