import type { Sample } from "../sample.ts";
import { pythonModule, virtualenv } from "../virtualenv.ts";

const application = `from flask import Flask, redirect, render_template, request, session, url_for

app = Flask(__name__)
app.secret_key = "only for development"


@app.get("/")
def home():
    return render_template("home.html", heading="Hello from Flask", guest=session.get("guest"))


@app.post("/greet")
def greet():
    session["guest"] = request.form["name"]
    return redirect(url_for("home", _external=True))
`;

const page = `<!doctype html>
<html lang="en">
  <head>
    <title>Guests</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="{{ url_for('static', filename='site.css') }}" />
  </head>
  <body>
    <h1>{{ heading }}</h1>
    {% if guest %}<p>Welcome, {{ guest }}!</p>{% endif %}
    <form method="post" action="{{ url_for('greet') }}">
      <input name="name" aria-label="Name" />
      <button type="submit">Greet</button>
    </form>
  </body>
</html>
`;

/** The form answers with an absolute redirect and a session cookie. */
export const flask: Sample = {
  name: "flask",
  title: "Flask",
  framework: "flask",
  version: { command: [".venv/bin/python", "-c", "import flask; print(flask.__version__)"] },
  needs: [pythonModule("venv", "python3-venv"), pythonModule("flask", "python3-flask")],
  files: {
    "requirements.txt": "flask\n",
    "app.py": application,
    "templates/home.html": page,
    "static/site.css": "h1 { color: teal }\n",
  },
  prepare: virtualenv("flask"),
  page: { text: "Hello from Flask", selector: "h1" },
  edit: { file: "app.py", from: "Hello from", to: "Edited in", follows: "manual" },
  form: { field: "input[name=name]", value: "Ada", submit: "button", shows: "Welcome, Ada!" },
};
