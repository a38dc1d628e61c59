import type { Recipe } from "../recipe.ts";

/** Takes its address as a word; a second one is an error. */
export const django: Recipe = {
  framework: "django",
  runtime: "python",
  serves: "pages",
  commands: [{ programs: ["manage.py", "django-admin", "django"], verbs: ["runserver", "runserver_plus"] }],
  projects: [{ files: ["manage.py"], content: /django/i, command: "python3 manage.py runserver" }],
  defaultPort: 8000,
  arguments: [{ kind: "address", value: "{host}:{port}", matches: /^(?:[\w.:[\]-]+:)?\d{2,5}$/ }],
  repeated: "last",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
  note: "Sends X-Frame-Options: DENY.",
};
