import type { Sample } from "../sample.ts";
import { debianPython, pythonModule } from "../virtualenv.ts";
import { django, djangoIn } from "./django.ts";

const guests = djangoIn("environment");

/** A file `.venv` names the virtualenv, as Pipenv allows; by default it is in the user's home. */
export const pipenv: Sample = {
  ...django,
  page: guests.page,
  name: "django-pipenv",
  title: "Django in a Pipenv project",
  version: { command: ["pipenv", "run", "python3", "-m", "django", "--version"] },
  needs: [
    { program: "pipenv", debian: "pipenv" },
    pythonModule("venv", "python3-venv"),
    pythonModule("django", "python3-django"),
  ],
  files: {
    ...guests.files,
    Pipfile: '[packages]\n\n[requires]\npython_version = "3"\n',
    "Pipfile.lock": JSON.stringify({
      _meta: { "pipfile-spec": 6, requires: {}, sources: [] },
      default: {},
      develop: {},
    }),
    ".venv": "./environment",
  },
  prepare: [
    [debianPython, "-m", "venv", "--system-site-packages", "--without-pip", "environment"],
    ["pipenv", "run", "python3", "manage.py", "migrate", "--verbosity=0"],
  ],
};
