import type { Sample } from "../sample.ts";
import { pythonModule } from "../virtualenv.ts";
import { django, djangoIn } from "./django.ts";

const project = `[tool.poetry]
name = "guests"
version = "0.1.0"
description = ""
authors = []

[tool.poetry.dependencies]
python = "^3.9"

[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
`;

/** Poetry keeps the virtualenv outside the project's folder, here in a cache of its own. */
const settings = 'cache-dir = "cache"\n\n[virtualenvs.options]\nsystem-site-packages = true\n';

const guests = djangoIn("guests-");

export const poetry: Sample = {
  ...django,
  page: guests.page,
  name: "django-poetry",
  title: "Django in a Poetry project",
  version: { command: ["poetry", "run", "python3", "-m", "django", "--version"] },
  needs: [{ program: "poetry", debian: "python3-poetry" }, pythonModule("django", "python3-django")],
  files: { ...guests.files, "pyproject.toml": project, "poetry.toml": settings },
  prepare: [
    ["poetry", "lock", "--quiet"],
    ["poetry", "install", "--no-root", "--quiet"],
    ["poetry", "run", "python3", "manage.py", "migrate", "--verbosity=0"],
  ],
};
