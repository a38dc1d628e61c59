/**
 * One row of the framework matrix: a project as a user has it, and what its page must do through the
 * gateway. A sample is data; `run-sample.ts` drives it.
 */
export interface Sample {
  /** Unique; names the row, its results file and its folder: `vite-8-react`. */
  readonly name: string;
  /** As a reader knows it: `Vite 8 + React`. */
  readonly title: string;
  /** The framework that the plane must detect. */
  readonly framework: string;
  /** Where the version that the row shows is read. */
  readonly version: { readonly npm: string } | { readonly command: readonly [string, ...string[]] };
  /**
   * Programs that must be on PATH, or absolute paths that must exist, and the Debian package that brings each;
   * else the row is skipped with the reason. Debian's programs then come before others of the same name.
   */
  readonly needs?: readonly SampleNeed[];
  /** Major version of Node that the project needs, where the oldest that the plane runs on is too old. */
  readonly node?: 22 | 24;
  /** npm packages, with their versions, whose programs a user has on PATH and not in the project: `{ deno: "^2.9.0" }`. */
  readonly tools?: Readonly<Record<string, string>>;
  /** Path in the project -> text. A `package.json` is installed with npm before the first start. */
  readonly files: Readonly<Record<string, string>>;
  /** Run once in the project, after the install: `["python3", "manage.py", "migrate"]`. */
  readonly prepare?: readonly (readonly [string, ...string[]])[];
  readonly page: SamplePage;
  /** An edit of a source file and how the page follows it; absent where there is nothing to edit. */
  readonly edit?: SampleEdit;
  /** A form that the browser fills in and sends. */
  readonly form?: SampleForm;
  /** Its page needs an origin that browsers trust: https, or over http a name below `localhost`. */
  readonly trustedOrigin?: boolean;
  /** Problem codes that the first answer may carry. */
  readonly problems?: readonly string[];
  /** Console errors that the framework prints without a proxy too. */
  readonly ownErrors?: readonly RegExp[];
  /** For the row's last column. */
  readonly note?: string;
}

export interface SampleNeed {
  /** Its name on PATH, or an absolute path. */
  readonly program: string;
  readonly debian: string;
  /** Succeeds only where the package is there: for what is no program, a module of Python. */
  readonly check?: readonly [string, ...string[]];
}

export interface SamplePage {
  /** Where the page is; `/` when absent. */
  readonly path?: string;
  /** Text that the rendered page shows. */
  readonly text: string;
  /** CSS selector of the element that holds it; `body` when absent. */
  readonly selector?: string;
  /** CSS selector of a button that counts its clicks: shows that the page is hydrated, and that its state outlives an edit. */
  readonly counter?: string;
}

export interface SampleEdit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Text that the page shows afterwards, where `page.text` was; `to` when absent. */
  readonly shows?: string;
  /**
   * `hot`: the text changes and the page is not loaded again. `forgets`: just so, but its components
   * start anew and lose their state. `reload`: the framework loads the page again by itself. `manual`:
   * it does not follow, the next visit shows the edit. `restart`: the server itself is not restarted by
   * its command; the edit shows after a new start.
   */
  readonly follows: "hot" | "forgets" | "reload" | "manual" | "restart";
}

export interface SampleForm {
  /** Where the form is; `/` when absent. */
  readonly path?: string;
  /** CSS selector of the text field. */
  readonly field: string;
  readonly value: string;
  /** Further fields: CSS selector -> text. */
  readonly others?: Readonly<Record<string, string>>;
  /** CSS selector of the button. */
  readonly submit: string;
  /** Text that the page shows afterwards. */
  readonly shows: string;
  /** What the framework refuses when the same is sent with it. */
  readonly refuses?: readonly FormRefusal[];
}

export type FormRefusal = "another origin" | "no token";
