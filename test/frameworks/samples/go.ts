import type { Sample } from "../sample.ts";

const program = `package main

import (
	"html/template"
	"log"
	"net/http"
	"os"
)

var page = template.Must(template.New("page").Parse(\`<!doctype html>
<title>Go</title>
<link rel="icon" href="data:,">
<h1>Hello from Go</h1>
{{if .}}<p>Welcome, {{.}}!</p>{{end}}
<form method="post"><input name="name" aria-label="Name"><button>Greet</button></form>
\`))

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := page.Execute(w, r.PostFormValue("name")); err != nil {
			log.Print(err)
		}
	})
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	log.Fatal(http.ListenAndServe(":"+port, nil))
}
`;

export const goNetHttp: Sample = {
  name: "go-net-http",
  title: "Go net/http (go run)",
  framework: "go",
  version: { command: ["go", "version"] },
  needs: [{ program: "go", debian: "golang-go" }],
  files: { "go.mod": "module example.com/guests\n\ngo 1.19\n", "main.go": program },
  page: { text: "Hello from Go", selector: "h1" },
  edit: { file: "main.go", from: "Hello from", to: "Edited in", follows: "restart" },
  form: { field: "input[name=name]", value: "Ada", submit: "button", shows: "Welcome, Ada!" },
};
