export interface CompiledScript {
  /** Absolute path of the JavaScript. */
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Compiles one TypeScript program of the tests (path from the repository's root) with what it
 * imports, so that a plain `node` (20 has no type stripping) runs it on the present sources.
 */
export function compileScript(source: string): Promise<CompiledScript>;
