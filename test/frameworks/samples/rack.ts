import type { Sample } from "../sample.ts";

const application = `# frozen_string_literal: true

require "rack"

page = <<~HTML
  <!doctype html>
  <title>Rack</title>
  <link rel="icon" href="data:,">
  <h1>Hello from Rack</h1>
HTML

run ->(_env) { [200, { "Content-Type" => "text/html; charset=utf-8" }, [page]] }
`;

/** Without a Gemfile. Rack takes the server that it finds: puma. */
export const rack: Sample = {
  name: "rack",
  title: "Rack (rackup)",
  framework: "rack",
  version: { command: ["ruby", "-r", "rack", "-e", "puts Rack.release"] },
  needs: [
    { program: "rackup", debian: "ruby-rack" },
    { program: "puma", debian: "puma" },
  ],
  files: { "config.ru": application },
  page: { text: "Hello from Rack", selector: "h1" },
  edit: { file: "config.ru", from: "Hello from", to: "Edited in", follows: "restart" },
};
