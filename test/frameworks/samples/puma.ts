import type { Sample } from "../sample.ts";

const application = `# frozen_string_literal: true

require "rack"

page = <<~HTML
  <!doctype html>
  <title>Guests</title>
  <link rel="icon" href="data:,">
  <h1>Hello from Puma</h1>
  <p>%<greeting>s</p>
  <form method="post"><input name="name" aria-label="Name"><button>Greet</button></form>
HTML

run lambda { |env|
  name = Rack::Utils.escape_html(Rack::Request.new(env).params["name"].to_s)
  greeting = name.empty? ? "" : "Welcome, #{name}!"
  [200, { "Content-Type" => "text/html; charset=utf-8" }, [format(page, greeting: greeting)]]
}
`;

/** With a Gemfile, a configuration that fixes a port, and a Procfile.dev with another process beside the server. */
export const puma: Sample = {
  name: "puma-procfile-dev",
  title: "Puma (Procfile.dev)",
  framework: "puma",
  version: { command: ["puma", "--version"] },
  needs: [
    { program: "puma", debian: "puma" },
    { program: "bundle", debian: "bundler" },
  ],
  files: {
    Gemfile: 'source "https://rubygems.org"\n\ngem "puma"\ngem "rack"\n',
    "Procfile.dev": "web: bundle exec puma -C config/puma.rb\nmail: sh -c 'sleep 600'\n",
    "config/puma.rb": 'threads 1, 3\nport ENV.fetch("PORT", 3000)\n',
    "config.ru": application,
  },
  prepare: [["bundle", "install", "--local", "--quiet"]],
  page: { text: "Hello from Puma", selector: "h1" },
  edit: { file: "config.ru", from: "Hello from", to: "Edited in", follows: "restart" },
  form: { field: "input[name=name]", value: "Ada", submit: "button", shows: "Welcome, Ada!" },
};
