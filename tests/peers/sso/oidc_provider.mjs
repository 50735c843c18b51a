// A customer's OpenID provider on oidc-provider: node oidc_provider.mjs SETTINGS PORT, on loopback, behind TLS.
// SETTINGS is a JSON file: {"issuer", "client_id", "client_secret", "redirect_uri", "cookie_key"}.
// Its own pages ask who you are (whatever password) and whether the application may know it.
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const [file, port] = process.argv.slice(2);
const settings = JSON.parse(readFileSync(file, "utf8"));
const provider = new Provider(settings.issuer, {
  clients: [
    {
      client_id: settings.client_id,
      client_secret: settings.client_secret,
      redirect_uris: [settings.redirect_uri],
      token_endpoint_auth_method: "client_secret_basic",
    },
  ],
  cookies: { keys: [settings.cookie_key] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["given_name", "family_name"] },
  pkce: { required: () => true },
  async findAccount(context, email) {
    const [given] = email.split("@");
    const said = { sub: email, email, email_verified: true, given_name: given, family_name: "Example" };
    return { accountId: email, claims: async () => said };
  },
});
provider.proxy = true;
provider.listen(Number(port), "127.0.0.1");
