/**
 * What is known of one framework. A recipe is data: the code that reads it knows no framework.
 * One file per family; `recipes.ts` lists them.
 */
export interface Recipe {
  readonly framework: string;
  /** Programs that are this dev server, as they are named in a script. */
  readonly programs: readonly string[];
  /** First arguments with which the program serves nothing. */
  readonly notServing: readonly string[];
  /** npm package that brings the programs; absent when they are not the project's own. */
  readonly packageName?: string;
  /** Names that its configuration may have, in the project's directory. */
  readonly configFiles: readonly string[];
  readonly flags: readonly RecipeFlag[];
  readonly env: Readonly<Record<string, string>>;
  readonly hostMode: "local" | "public";
}

/**
 * A flag that makes the program bind where we ask. Flags are added behind those of the script: only
 * programs with which the last of two equal flags wins may be listed with `flags`.
 */
export interface RecipeFlag {
  /** All spellings; the first one is used. */
  readonly names: readonly [string, ...string[]];
  /** `{port}` and `{host}` are filled in; absent for a switch. */
  readonly value?: string;
  /**
   * `always`; or `pinned`: only where the script fixes a value of its own, because the program
   * otherwise takes it from the environment.
   */
  readonly when: "always" | "pinned";
  /** The environment variable that this flag overrules. */
  readonly env?: string;
}
