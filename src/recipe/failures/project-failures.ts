import { packageName, variableName, versionNumber } from "./failure-pattern.ts";
import type { FailurePattern } from "./failure-pattern.ts";

const databasePorts = "5432|5433|3306|3307|27017|6379|1433|26257|9042|8123";
const databaseNames =
  "postgres(?:ql)?|mysql|mariadb|mongo(?:db)?|redis|database|sequelize|typeorm|prisma|knex|pg_|sqlstate|activerecord";

/** Why the project's own code did not serve. */
export const projectFailures: readonly FailurePattern[] = [
  {
    code: "node_version",
    line: /node(?:\.?js)? (?:version )?v?\d[\d.x]* (?:is not supported|detected)|requires a minimum node\.?js version|requires node(?:\.?js)? version|node\.?js version .* is required|unsupported engine|ERR_PNPM_UNSUPPORTED_ENGINE|the engine "node" is incompatible|your node\.?js version is/i,
    // a warning of npm's that ends nothing
    unless: /npm warn/i,
    value: new RegExp(String.raw`(?:requires?|minimum|required|expected|supported version).*?${versionNumber}`, "i"),
    named: "this Node version is too old: $1 or later is wanted",
    unnamed: "this Node version does not suit the project",
  },
  {
    code: "node_version",
    line: /requested module 'node:[\w/]+' does not provide|no such built-in module: node:|: bad option: --|unknown file extension "\.tsx?"|crypto\.hash is not a function/i,
    unnamed: "this Node version lacks something that the project uses",
  },
  {
    code: "dependencies_missing",
    line: /node_modules missing, did you mean to install|cannot find module '[^']*\/node_modules\/|couldn't find the node_modules state file|doesn't seem to have been installed/i,
    unnamed: "node_modules is missing or incomplete",
  },
  {
    code: "dependencies_missing",
    line: /cannot find (?:module|package)|can't resolve|failed to resolve import/i,
    value: new RegExp(
      String.raw`(?:module|package|resolve|import) (?:['"]${packageName}['"]|(@[a-z0-9][\w.-]{0,60}\/[\w.-]{1,80})\.)`,
      "i",
    ),
    named: "package $1 is imported but not installed",
    // a path of the project's own that does not exist
    unnamed: "",
  },
  {
    code: "dependencies_missing",
    line: /no module named|couldn't import django/i,
    value: /no module named '?([A-Za-z_]\w{0,60})|couldn't import (django)/i,
    named: "Python package $1 is not installed",
    unnamed: "",
  },
  {
    code: "dependencies_missing",
    line: /could not find (?:gem )?'?[\w-]+.* in (?:any of the sources|locally installed gems)|bundler::gemnotfound|run `?bundle install|cannot load such file -- [\w/-]+/i,
    value: /could not find (?:gem )?'?([\w-]{1,60}?)(?:-\d[\w.]*)?['\s(]|cannot load such file -- (\w[\w-]{0,60})/i,
    named: "gem $1 is not installed",
    unnamed: "gems of the Gemfile are not installed",
  },
  {
    code: "dependencies_missing",
    line: /vendor\/autoload\.php/i,
    unnamed: "the packages of composer.json are not installed",
  },
  {
    code: "dependencies_missing",
    line: /no required module provides package|missing go\.sum entry/i,
    value: /package ([a-z0-9][\w.-]{0,60}(?:\/[\w.-]{1,60}){0,6})/i,
    named: "Go module $1 is not in go.mod or go.sum",
    unnamed: "a Go module is not in go.mod or go.sum",
  },
  {
    code: "dependencies_missing",
    line: /don't have the required dependencies installed|dependencies are not installed/i,
    unnamed: "packages that the dev server needs are not installed",
  },
  {
    code: "env_missing",
    line: /(?:\.env[\w.]*['"]?: not found|ENOENT.*\.env[\w.]*['"]|failed to find \.(?:env|rc) file|no such file.*\.env\b)/i,
    unnamed: "the env file that the command reads does not exist",
  },
  {
    code: "env_missing",
    line: /\benv(?:ironment)?\b.*(?:missing|required|not (?:set|found|defined|provided|configured)|must be (?:set|defined)|undefined|invalid)|(?:missing|required|set the|undefined|invalid)\b.*\benv(?:ironment)?[ _-]?var/i,
    value: new RegExp(String.raw`\b${variableName}\b`),
    named: "environment variable $1 is not set",
    unnamed: "an environment variable that the project needs is not set",
  },
  {
    code: "env_missing",
    line: /\bKeyError: (?:'|"|key not found: ")|undefinedvalueerror|validation errors? for \w*settings|no application encryption key has been specified|missing `?secret_key_base|invalid environment variables/i,
    value: new RegExp(String.raw`(?:KeyError: (?:key not found: )?|UndefinedValueError: )['"]?${variableName}\b`),
    named: "environment variable $1 is not set",
    unnamed: "an environment variable that the project needs is not set",
  },
  {
    code: "database_refused",
    line: new RegExp(
      String.raw`(?:ECONNREFUSED|connection refused).*:(?:${databasePorts})\b|can't reach database server|port (?:${databasePorts}) failed|(?:${databaseNames}).*(?:ECONNREFUSED|connection ?refused)|mongoserverselectionerror|can't connect to (?:local )?mysql|could not connect to server: connection refused|connectionnotestablished|password authentication failed for user|database "[^"]*" does not exist|access denied for user`,
      "i",
    ),
    value: new RegExp(`(?::|port |:\`)(${databasePorts})\\b`, "i"),
    named: "the database at port $1 refuses the connection",
    unnamed: "the database refuses the connection",
  },
  {
    code: "out_of_memory",
    line: /heap out of memory|reached heap limit|allocation failed|\bENOMEM\b|cannot allocate memory|std::bad_alloc|^MemoryError\b|runtime: out of memory|^killed$/i,
    unnamed: "the server ran out of memory",
  },
  {
    code: "syntax_error",
    line: /^(?:\s*|.*: )(?:Uncaught )?(?:\w*SyntaxError|IndentationError|TabError)\b|(?:^|\] )(?:PHP )?Parse error:|\((?:Psych|Liquid)::SyntaxError\)|: unmarshal failed: |: parse failed: template|: syntax error[,:] unexpected|: syntax error: |transform failed with \d+ errors?|module parse failed|\[PARSE_ERROR\]|failed to parse source|failed to compile/i,
    unless: /requested module 'node:|cannot use import statement outside a module/i,
    unnamed: "a file of the project has a syntax error",
  },
  {
    code: "syntax_error",
    line: /^(?:\.{0,2}\/)?[\w./-]+\.go:\d+:\d+: /,
    // told as what is missing
    unless: /no required module provides|missing go\.sum entry/,
    unnamed: "the Go compiler reports errors in the project",
  },
  {
    code: "syntax_error",
    line: /\berror TS\d{4,5}:/,
    unnamed: "TypeScript reports errors in the project",
  },
  {
    code: "app_crashed",
    line: /app crashed - waiting for file changes|^Failed running '|^Watcher Process failed|^Node\.js v\d+\.\d+\.\d+$|^Exception in thread django-main-thread|^Process SpawnProcess-\d+:|exited with code [1-9]\d{0,2}$|\/fastify-cli\/lib\/watch\/fork\.js:\d/,
    unnamed: "the server ended with an error, and the command that runs it lives on",
    onlyWhenAlive: true,
  },
];
