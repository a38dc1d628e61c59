// A dev server that writes a line for each request.
import { createServer } from "node:http";

createServer(({ method, url }, response) => {
  console.log(`${method} ${url}`);
  response.end("heard");
}).listen(Number(process.env.PORT), process.env.HOST, () => console.log("the talker listens"));
