import type { Sample } from "../sample.ts";
import { pythonModule, virtualenv } from "../virtualenv.ts";

const manage = `#!/usr/bin/env python
import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guests.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
`;

/** As `startproject` writes them, with its checks of host, CSRF token and frames. */
const settings = `from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "only for development"
DEBUG = True
ALLOWED_HOSTS = []
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "guests",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "guests.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
USE_TZ = True
`;

const urls = `from django.contrib import admin
from django.urls import path

from guests import views

urlpatterns = [
    path("", views.home, name="home"),
    path("admin/", admin.site.urls),
]
`;

function viewsThatSay(heading: string): string {
  return `import sys
from pathlib import Path

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods


@require_http_methods(["GET", "POST"])
def home(request):
    if request.method == "POST":
        request.session["guest"] = request.POST["name"]
        return redirect(request.build_absolute_uri("/"))
    context = {"heading": ${heading}, "guest": request.session.get("guest")}
    return render(request, "home.html", context)
`;
}

const page = `{% load static %}<!doctype html>
<html lang="en">
  <head>
    <title>Guests</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="{% static 'site.css' %}">
  </head>
  <body>
    <h1>{{ heading }}</h1>
    {% if guest %}<p>Welcome, {{ guest }}!</p>{% endif %}
    <form method="post">
      {% csrf_token %}
      <input name="name" aria-label="Name">
      <button type="submit">Greet</button>
    </form>
  </body>
</html>
`;

const views = viewsThatSay('"Hello from Django"');

const files = {
  "manage.py": manage,
  "guests/__init__.py": "",
  "guests/settings.py": settings,
  "guests/urls.py": urls,
  "guests/views.py": views,
  "guests/templates/home.html": page,
  "guests/static/site.css": "h1 { color: teal }\n",
  "requirements.txt": "django\n",
};

/** The form has a CSRF token and its cookie, and answers with an absolute redirect. */
export const django: Sample = {
  name: "django",
  title: "Django",
  framework: "django",
  version: { command: [".venv/bin/python", "-m", "django", "--version"] },
  needs: [pythonModule("venv", "python3-venv"), pythonModule("django", "python3-django")],
  files,
  prepare: [...virtualenv(), [".venv/bin/python", "manage.py", "migrate", "--verbosity=0"]],
  page: { text: "Hello from Django", selector: "h1" },
  edit: { file: "guests/views.py", from: "Hello from", to: "Edited in", follows: "manual" },
  ownErrors: [/Cross-Origin-Opener-Policy header has been ignored/],
  form: { field: "input[name=name]", value: "Ada", submit: "button", shows: "Welcome, Ada!", refuses: ["no token"] },
};

/** The same page, with the name of the virtualenv that it runs in. */
export function djangoIn(environment: string): Pick<Sample, "files" | "page"> {
  const heading = 'f"Hello from Django in {Path(sys.prefix).name}"';
  return {
    files: { ...files, "guests/views.py": viewsThatSay(heading) },
    page: { text: `Hello from Django in ${environment}`, selector: "h1" },
  };
}
