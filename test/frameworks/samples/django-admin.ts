import type { Sample } from "../sample.ts";
import { django } from "./django.ts";

const account = [
  "from django.contrib.auth.models import User",
  "User.objects.create_superuser('ada', 'ada@example.com', 'only for development')",
].join("; ");

/** The login of Django's own admin: a CSRF token, a session cookie that a new login changes, and static files. */
export const djangoAdmin: Sample = {
  ...django,
  name: "django-admin",
  title: "Django admin",
  prepare: [...(django.prepare ?? []), [".venv/bin/python", "manage.py", "shell", "-c", account]],
  page: { path: "/admin/", text: "Django administration", selector: "#site-name" },
  edit: {
    file: "guests/urls.py",
    from: "urlpatterns = [",
    to: 'admin.site.site_header = "The guest book"\nurlpatterns = [',
    shows: "The guest book",
    follows: "manual",
  },
  form: {
    path: "/admin/",
    field: "#id_username",
    value: "ada",
    others: { "#id_password": "only for development" },
    submit: "input[type=submit]",
    shows: "Site administration",
    refuses: ["no token"],
  },
};
