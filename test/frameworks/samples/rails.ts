import type { Sample } from "../sample.ts";

const configuration = {
  Gemfile: 'source "https://rubygems.org"\n\ngem "rails", "~> 6.1"\ngem "sqlite3", "~> 1.4"\ngem "puma", "~> 5.0"\n',
  Rakefile: 'require_relative "config/application"\n\nRails.application.load_tasks\n',
  "bin/rails": `#!/usr/bin/env ruby
APP_PATH = File.expand_path("../config/application", __dir__)
require_relative "../config/boot"
require "rails/commands"
`,
  "config.ru": 'require_relative "config/environment"\n\nrun Rails.application\nRails.application.load_server\n',
  "config/boot.rb": 'ENV["BUNDLE_GEMFILE"] ||= File.expand_path("../Gemfile", __dir__)\n\nrequire "bundler/setup"\n',
  "config/application.rb": `require_relative "boot"

require "rails"
require "active_model/railtie"
require "active_record/railtie"
require "action_controller/railtie"
require "action_view/railtie"

Bundler.require(*Rails.groups)

module Guests
  class Application < Rails::Application
    config.load_defaults 6.1
  end
end
`,
  "config/environment.rb": 'require_relative "application"\n\nRails.application.initialize!\n',
  "config/environments/development.rb": `Rails.application.configure do
  config.cache_classes = false
  config.eager_load = false
  config.consider_all_requests_local = true
  config.active_record.migration_error = :page_load
  config.file_watcher = ActiveSupport::FileUpdateChecker
end
`,
  "config/database.yml": "development:\n  adapter: sqlite3\n  database: db/development.sqlite3\n",
  "config/puma.rb": `threads 1, 5
port ENV.fetch("PORT") { 3000 }
environment ENV.fetch("RAILS_ENV") { "development" }
pidfile ENV.fetch("PIDFILE") { "tmp/pids/server.pid" }
plugin :tmp_restart
`,
  "config/routes.rb": `Rails.application.routes.draw do
  root "guests#index"
  resources :guests, only: %i[index create]
end
`,
  "tmp/pids/.keep": "",
};

const application = {
  "app/controllers/application_controller.rb": "class ApplicationController < ActionController::Base\nend\n",
  "app/controllers/guests_controller.rb": `class GuestsController < ApplicationController
  def index
    @heading = "Hello from Rails"
    @guests = Guest.order(:id)
  end

  def create
    guest = Guest.create!(params.require(:guest).permit(:name))
    redirect_to guests_url, notice: "Welcome, #{guest.name}!"
  end
end
`,
  "app/models/application_record.rb":
    "class ApplicationRecord < ActiveRecord::Base\n  self.abstract_class = true\nend\n",
  "app/models/guest.rb": "class Guest < ApplicationRecord\n  validates :name, presence: true\nend\n",
  "app/views/layouts/application.html.erb": `<!doctype html>
<html lang="en">
  <head>
    <title>Guests</title>
    <link rel="icon" href="data:,">
    <%= csrf_meta_tags %>
  </head>
  <body>
    <%= yield %>
  </body>
</html>
`,
  "app/views/guests/index.html.erb": `<h1><%= @heading %></h1>
<p><%= notice %></p>
<ul>
  <% @guests.each do |guest| %>
    <li><%= guest.name %></li>
  <% end %>
</ul>
<%= form_with model: Guest.new, local: true do |form| %>
  <%= form.label :name %>
  <%= form.text_field :name %>
  <%= form.submit "Greet" %>
<% end %>
`,
  "db/migrate/20260101000000_create_guests.rb": `class CreateGuests < ActiveRecord::Migration[6.1]
  def change
    create_table :guests do |table|
      table.string :name
      table.timestamps
    end
  end
end
`,
};

/**
 * Rails 6.1 with its development defaults: hosts are checked, forms carry an authenticity token, and the
 * origin of a POST is compared with the host. The form redirects to an absolute address.
 */
export const rails: Sample = {
  name: "rails",
  title: "Ruby on Rails",
  framework: "rails",
  version: { command: ["bin/rails", "--version"] },
  needs: [
    { program: "rails", debian: "ruby-railties" },
    { program: "puma", debian: "puma" },
    { program: "bundle", debian: "bundler" },
    { program: "ruby", debian: "ruby-sqlite3", check: ["ruby", "-e", 'require "sqlite3"'] },
  ],
  files: { ...configuration, ...application },
  prepare: [
    ["chmod", "+x", "bin/rails"],
    ["bundle", "install", "--local", "--quiet"],
    ["bin/rails", "db:migrate"],
  ],
  page: { text: "Hello from Rails", selector: "h1" },
  edit: { file: "app/controllers/guests_controller.rb", from: "Hello from", to: "Edited in", follows: "manual" },
  form: {
    field: "#guest_name",
    value: "Ada",
    submit: "input[type=submit]",
    shows: "Welcome, Ada!",
    refuses: ["another origin", "no token"],
  },
};
