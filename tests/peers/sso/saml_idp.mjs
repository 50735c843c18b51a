// A customer's SAML IdP on Auth0's samlp library: node saml_idp.mjs SETTINGS PORT, on loopback.
// SETTINGS is a JSON file: {"issuer", "key", "cert", "parties": {ENTITY ID: ACS URL}}, key and cert as PEM.
// It asks who you are, signs the assertion and posts it by the browser, as IdPs do. /start?party= begins here.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import samlp from "samlp";

const [file, port] = process.argv.slice(2);
const { issuer, key, cert, parties } = JSON.parse(readFileSync(file, "utf8"));
const escaped = (text) => String(text).replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
const hidden = (fields) =>
  Object.entries(fields).map(([name, value]) => `<input type=hidden name=${name} value="${escaped(value)}">`).join("");

function page(response, title, body) {
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.setHeader("Cache-Control", "no-store");
  response.end(`<!doctype html><title>${escaped(title)}</title>${body}`);
}

function askWho(response, fields) {
  const form = `<form method=post action=/sso>${hidden(fields)}
    <input name=email><button id=sign-in>Sign in</button></form>`;
  page(response, "Identity provider", form);
}

// Only who is known gets an assertion, and only at the address that was agreed on.
function send(response, fields) {
  samlp.parseRequest({ query: fields }, {}, (error, asked) => {
    const audience = asked ? asked.issuer : fields.party;
    const acs = parties[audience];
    const wanted = asked && asked.assertionConsumerServiceURL;
    if (error || !acs || (wanted && wanted !== acs)) {
      response.statusCode = 400;
      return page(response, "Refused", `<p>Unknown service provider ${escaped(audience)}, or address.</p>`);
    }
    const [given] = fields.email.split("@");
    const person = {
      id: fields.email,
      emails: [{ value: fields.email }],
      displayName: given,
      name: { givenName: given, familyName: "Example" },
    };
    const options = {
      issuer, key, cert, audience, destination: acs, recipient: acs, lifetimeInSeconds: 300,
      signatureAlgorithm: "rsa-sha256", digestAlgorithm: "sha256", inResponseTo: asked && asked.id,
      signResponse: fields.signed === "both",
    };
    samlp.getSamlResponse(options, person, (failed, xml) => {
      if (failed) throw failed;
      if (fields.strict) {
        // As careful IdPs do: this page's form may be sent to the service provider's site only.
        response.setHeader("Content-Security-Policy", `form-action ${new URL(acs).origin}`);
      }
      const sent = { SAMLResponse: Buffer.from(xml).toString("base64"), RelayState: fields.RelayState || "" };
      page(response, "Signed in", `<form method=post action="${escaped(acs)}">${hidden(sent)}
        <noscript><button>Continue</button></noscript></form><script>document.forms[0].submit()</script>`);
    });
  });
}

createServer((request, response) => {
  const url = new URL(request.url, issuer);
  const fields = Object.fromEntries(url.searchParams);
  if (url.pathname === "/metadata") {
    request.originalUrl = request.url;
    response.set = (name, value) => response.setHeader(name, value);
    response.send = (body) => response.end(body);
    const endpoints = { redirectEndpointPath: "/sso", postEndpointPath: "/sso" };
    samlp.metadata({ issuer, cert, ...endpoints })(request, response);
  } else if (request.method === "POST") {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => send(response, Object.fromEntries(new URLSearchParams(body))));
  } else if (url.pathname === "/sso" || url.pathname === "/start") {
    askWho(response, fields);
  } else {
    response.statusCode = url.pathname === "/" ? 200 : 404;
    response.end();
  }
}).listen(Number(port), "127.0.0.1");
