// Better Auth as an application runs it: node better_auth.mjs FILE PORT [MAX SECONDS], on loopback.
// MAX requests of a path are answered in SECONDS, more with 429; without them its limiter is off.
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { admin, twoFactor } from "better-auth/plugins";
import { SqliteDialect } from "kysely";
import Database from "libsql";

const [file, port, max, window] = process.argv.slice(2);
const options = {
  database: new SqliteDialect({ database: new Database(file) }),
  baseURL: `http://127.0.0.1:${port}`,
  secret: "only for tests, on loopback, of users who do not exist",
  telemetry: { enabled: false },
  emailAndPassword: { enabled: true },
  rateLimit: max ? { enabled: true, max: Number(max), window: Number(window) } : { enabled: false },
  plugins: [admin(), twoFactor()],
};
await (await getMigrations(options)).runMigrations();
createServer(toNodeHandler(betterAuth(options))).listen(Number(port), "127.0.0.1");
