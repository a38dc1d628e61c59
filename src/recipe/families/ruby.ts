import { flag, pinned, unwanted } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

const common = {
  runtime: "ruby",
  serves: "pages",
  repeated: "last",
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
} as const satisfies Partial<Recipe>;

/** Ends where the pid file of another server of the project is, also of one that was killed. */
const rails: Recipe = {
  ...common,
  framework: "rails",
  commands: [{ programs: ["rails"], verbs: ["server", "s"] }],
  projects: [
    { files: ["bin/rails"], beside: ["config/application.rb"], command: "bin/rails server" },
    { packages: ["gem:rails"], files: ["config/application.rb"], command: "bundle exec rails server" },
  ],
  defaultPort: 3000,
  arguments: [flag(["-b", "--binding"], "{host}"), flag(["-p", "--port"], "{port}")],
  env: {
    BINDING: "{host}",
    RAILS_DEVELOPMENT_HOSTS: ".{domain}",
    PIDFILE: "tmp/pids/dev-preview-{port}.pid",
  },
  note: "Has a pid file of its own: with the usual one, it would not start beside a server that runs already.",
};

const rack: Recipe = {
  ...common,
  framework: "rack",
  commands: [{ programs: ["rackup"] }],
  projects: [
    { files: ["config.ru"], beside: ["Gemfile"], command: "bundle exec rackup" },
    { files: ["config.ru"], command: "rackup" },
  ],
  defaultPort: 9292,
  arguments: [flag(["-o", "--host"], "{host}"), flag(["-p", "--port"], "{port}")],
  env: {},
};

/** PORT is read by the configuration that Rails writes; `-p` counts over it. */
const puma: Recipe = {
  ...common,
  framework: "puma",
  commands: [{ programs: ["puma"] }],
  defaultPort: 9292,
  arguments: [flag(["-p", "--port"], "{port}"), { kind: "unwanted", names: ["-b", "--bind"], valued: true }],
  env: {},
};

/** Its live reload needs a public port of its own, and a TLS hello there ends the whole server. */
const jekyll: Recipe = {
  ...common,
  framework: "jekyll",
  commands: [{ programs: ["jekyll"], verbs: ["serve", "server", "s"] }],
  projects: [
    { packages: ["gem:jekyll", "gem:github-pages"], files: ["_config.yml"], command: "bundle exec jekyll serve" },
    { files: ["_config.yml"], beside: ["_posts", "_layouts", "_includes"], command: "jekyll serve" },
  ],
  defaultPort: 4000,
  arguments: [
    flag(["--host", "-H"], "{host}"),
    flag(["--port", "-P"], "{port}"),
    unwanted("--livereload", "-l", "--open-url", "-o"),
    { kind: "unwanted", names: ["--livereload-port"], valued: true },
  ],
  env: {},
  note: "Live reload of Jekyll is off in previews.",
};

/** A server of the project's own code, Sinatra's among them. */
const ruby: Recipe = {
  ...common,
  framework: "ruby",
  commands: [{ programs: ["ruby"], argument: /\.rb$/ }],
  projects: [
    { packages: ["gem:sinatra"], files: ["app.rb", "server.rb", "main.rb"], command: "bundle exec ruby {file}" },
  ],
  defaultPort: 4567,
  arguments: [pinned("-p", "{port}", "PORT")],
  env: {},
};

export const rubyRecipes: readonly Recipe[] = [rails, rack, puma, jekyll, ruby];
