/**
 * What is known of one dev server. A recipe is data: the code that reads it knows no framework.
 * `families/` has one file per family; `recipes.ts` lists them.
 */
export interface Recipe {
  readonly framework: string;
  readonly runtime: Runtime;
  /**
   * What a browser finds there; front ends come first where a project has several servers. `assets`
   * are those of pages that another server makes.
   */
  readonly serves: "pages" | "docs" | "api" | "files" | "assets";
  /** Command lines that are this server; any one suffices. */
  readonly commands: readonly CommandSign[];
  /** How a project without a dev command shows itself, and the command that then serves it. */
  readonly projects?: readonly ProjectSign[];
  /** npm package that brings the program of its first sign; absent when it is not the project's own. */
  readonly packageName?: string;
  /** Names that its configuration may have, in the project's directory. */
  readonly configFiles?: readonly string[];
  /** The port it takes where nobody names one. */
  readonly defaultPort?: number;
  /** Ports that it is known to open besides. */
  readonly secondPorts?: readonly number[];
  /** Path that answers when it serves; `/` when absent. */
  readonly readyPath?: string;
  readonly arguments: readonly RecipeArgument[];
  /**
   * What it makes of an argument of ours behind an equal one of the script: the `last` wins; or it
   * crashes or ignores both, and the script's must be `replaced`.
   */
  readonly repeated: "last" | "replaced";
  /** The environment variable that it takes its port from, also over its arguments; a value that the script fixes is replaced. */
  readonly variable?: string;
  /** `{port}`, `{host}` and `{domain}` (of previews) are filled in. */
  readonly env: Readonly<Record<string, string>>;
  /** When the port is taken it ends, moves to another one, or lives on without listening. */
  readonly whenTaken: "ends" | "moves" | "hangs";
  readonly hostMode: "local" | "public";
  /** Its hot-reload client dials the dev port: the gateway's WebSocket script must be in the page. */
  readonly socketScript: boolean;
  /** What a reader of the answer or of the documentation should know. */
  readonly note?: string;
}

export type Runtime = "node" | "bun" | "deno" | "python" | "ruby" | "php" | "go" | "hugo";

/** One way in which a command line starts the server; everything that is given must hold. */
export interface CommandSign {
  /** Names of the program. */
  readonly programs: readonly string[];
  /** Its first word that is no flag is one of these; `""` is a line without any. */
  readonly verbs?: readonly string[];
  /** Its first word that is no flag is none of these. */
  readonly notVerbs?: readonly string[];
  /** One of its arguments matches. */
  readonly argument?: RegExp;
  /** Its directory declares one of these dependencies: an npm name, `py:name`, `gem:name` or `php:vendor/name`. */
  readonly packages?: readonly string[];
  /** One of these contains a match: `{file}` is a file that an argument names, `{folder}` the folder of that file. */
  readonly source?: { readonly files: readonly string[]; readonly content: RegExp };
}

/** Everything that is given must hold. `command` may use what was found: `{file}`, `{module}`, `{1}`. */
export interface ProjectSign {
  readonly command: string;
  /** As in a command sign. */
  readonly packages?: readonly string[];
  /** One of these exists; the first that does is `{file}`. */
  readonly files?: readonly string[];
  /** The text of `{file}` matches; the first that does counts, its group 1 is `{1}`. */
  readonly content?: RegExp;
  /** One of these exists as well. */
  readonly beside?: readonly string[];
}

/** An argument that makes the program bind where we ask; `{port}` and `{host}` are filled in. */
export type RecipeArgument = RecipeFlag | RecipeAddress | UnwantedFlag;

export interface RecipeFlag {
  readonly kind: "flag";
  /** All spellings; the first one is used. */
  readonly names: readonly [string, ...string[]];
  /** Absent for a switch. */
  readonly value?: string;
  /** Written `--name=value`, where `--name value` is not understood. */
  readonly joined?: true;
  /**
   * Behind a file's name it would be an argument of that file: it is changed where it stands, and else
   * put right behind the verb.
   */
  readonly inPlace?: true;
  /**
   * `always`; or `pinned`: only where the script fixes a value of its own, because the program
   * otherwise takes it from the environment.
   */
  readonly when: "always" | "pinned";
  /** The environment variable that this flag overrules. */
  readonly variable?: string;
}

/** A word of its own, behind the verb: `runserver 0.0.0.0:8000`. */
export interface RecipeAddress {
  readonly kind: "address";
  readonly value: string;
  /** Recognises the script's own. */
  readonly matches: RegExp;
}

/** A switch that a preview must not have: it opens a browser, or a port that cannot be reached. */
export interface UnwantedFlag {
  readonly kind: "unwanted";
  readonly names: readonly string[];
  /** Takes a value in the next word. */
  readonly valued?: true;
}

/** A flag that is always given. */
export function flag(names: string | readonly [string, ...string[]], value?: string): RecipeFlag {
  return { kind: "flag", names: namesOf(names), when: "always", ...(value === undefined ? {} : { value }) };
}

/** A flag that is always given, written `--name=value`. */
export function joined(names: string | readonly [string, ...string[]], value: string): RecipeFlag {
  return { ...flag(names, value), joined: true };
}

/** A flag that is given only where the script fixes a value, with itself or with `variable`. */
export function pinned(names: string | readonly [string, ...string[]], value: string, variable?: string): RecipeFlag {
  return { ...flag(names, value), when: "pinned", ...(variable === undefined ? {} : { variable }) };
}

/** A flag that is always given, before the file that the program runs. */
export function inPlace(name: string, value: string): RecipeFlag {
  return { ...flag(name, value), inPlace: true };
}

export function unwanted(...names: readonly string[]): UnwantedFlag {
  return { kind: "unwanted", names };
}

function namesOf(names: string | readonly [string, ...string[]]): readonly [string, ...string[]] {
  return typeof names === "string" ? [names] : names;
}
