// The certified `oidc-provider` as someone else's identity provider: the portal is proven against it in the test suite.
// Everything comes from the environment: PORT, CLIENT_SECRET, REDIRECT_URIS and POST_LOGOUT_REDIRECT_URIS (commas),
// ACCESS_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS, PEOPLE (JSON: user name to {name, email, groups, password}).
import { generateKeyPairSync, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

import { errors, Provider } from "oidc-provider";

const { PORT, CLIENT_SECRET, PEOPLE } = process.env;
const list = (name) => (process.env[name] ?? "").split(",").filter(Boolean);
const seconds = (name, usual) => Number(process.env[name] ?? usual);
const issuer = `http://127.0.0.1:${PORT}`;
const people = JSON.parse(PEOPLE);
const CLOUD = "urn:meshdeck:cloud";

const same = (given, wanted) => {
  const [a, b] = [given, wanted].map((text) => Buffer.from(String(text).padEnd(256).slice(0, 256)));
  return timingSafeEqual(a, b);
};
// Its own kind of subject, so that nothing may rely on the built-in provider's numbers.
const accountId = (username) => `foreign|${username}`;
const person = (id) => people[id.replace(/^foreign\|/, "")];
const fits = (username, password) => Object.hasOwn(people, username) && same(password, people[username].password);

const claimsOf = (id) => {
  const { name, email, groups } = person(id);
  return { sub: id, preferred_username: id.replace(/^foreign\|/, ""), name, email, email_verified: true, groups };
};

const signing = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
const cookieKey = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }).d;
const shared = { scope: "openid profile email groups offline_access", response_types: ["code"] };

const provider = new Provider(issuer, {
  clients: [
    {
      ...shared,
      client_id: "portal",
      client_name: "Meshdeck",
      client_secret: CLIENT_SECRET,
      grant_types: ["authorization_code", "refresh_token", "password"],
      redirect_uris: list("REDIRECT_URIS"),
      post_logout_redirect_uris: list("POST_LOGOUT_REDIRECT_URIS"),
    },
    {
      ...shared,
      client_id: "meshdeck-cli",
      client_name: "Meshdeck command line",
      application_type: "native",
      token_endpoint_auth_method: "none",
      grant_types: [
        "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", "password",
      ],
      redirect_uris: ["http://127.0.0.1/callback"],
    },
    {
      // The openstack command sends a secret always, and this provider checks it: one that everybody knows.
      ...shared,
      client_id: "meshdeck-cli-password",
      client_secret: "public",
      grant_types: ["password"],
      response_types: [],
      redirect_uris: [],
    },
  ],
  jwks: { keys: [{ ...signing, alg: "RS256", use: "sig", kid: "foreign-1" }] },
  cookies: { keys: [cookieKey] },
  scopes: ["openid", "profile", "email", "groups", "offline_access"],
  claims: {
    openid: ["sub"],
    profile: ["name", "preferred_username"],
    email: ["email", "email_verified"],
    groups: ["groups"],
  },
  conformIdTokenClaims: false, // the claims stand in the ID token too, as with most providers
  findAccount: (_ctx, id) => (person(id) ? { accountId: id, claims: () => claimsOf(id) } : undefined),
  // The cloud sees nothing but the access token.
  extraTokenClaims: (_ctx, token) => {
    if (!token.accountId) return undefined;
    const { sub, ...claims } = claimsOf(token.accountId);
    return { ...claims, azp: token.clientId };
  },
  pkce: { required: () => true },
  // The portal asks for no offline_access: a refresh token that ends with the login is what it wants.
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: true,
  ttl: {
    AccessToken: seconds("ACCESS_TOKEN_SECONDS", 600),
    RefreshToken: seconds("REFRESH_TOKEN_SECONDS", 3600),
    IdToken: 300,
    AuthorizationCode: 60,
    Session: 28800,
    Grant: 28800,
    Interaction: 600,
    DeviceCode: 300,
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  // Every client is trusted: consent is the provider's matter and would only be one more page.
  loadExistingGrant: async (ctx) => {
    const { session, client, provider: { Grant } } = ctx.oidc;
    const grant = new Grant({ accountId: session.accountId, clientId: client.clientId });
    grant.addOIDCScope(shared.scope);
    grant.addResourceScope(CLOUD, shared.scope);
    await grant.save();
    return grant;
  },
  features: {
    devInteractions: { enabled: false },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: false },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => CLOUD,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: shared.scope,
        audience: "openstack",
        accessTokenFormat: "jwt",
        accessTokenTTL: seconds("ACCESS_TOKEN_SECONDS", 600),
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
});

// The password grant (RFC 6749, section 4.3), which the openstack command line still speaks.
provider.registerGrantType(
  "password",
  async (ctx) => {
    const { client, params } = ctx.oidc;
    if (!fits(params.username, params.password)) throw new errors.InvalidGrant("user name and password do not fit");
    const { AccessToken, Grant, ResourceServer } = provider;
    const account = accountId(params.username);
    const grant = new Grant({ accountId: account, clientId: client.clientId });
    grant.addResourceScope(CLOUD, shared.scope);
    const token = new AccessToken({
      accountId: account, client, grantId: await grant.save(), gty: "password", scope: params.scope ?? "openid",
    });
    token.resourceServer = new ResourceServer(CLOUD, {
      scope: shared.scope, audience: "openstack", accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } },
    });
    ctx.body = {
      access_token: await token.save(), expires_in: token.expiration, token_type: "Bearer", scope: token.scope,
    };
  },
  ["username", "password", "scope"],
);

const page = (response, status, body) => {
  response.writeHead(status, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" });
  response.end(`<!doctype html><html lang="en"><head><title>Foreign provider</title></head><body>${body}</body></html>`);
};

const fields = async (request) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  return new URLSearchParams(body);
};

// The one page of its own: user name and password.
const interaction = async (request, response) => {
  const { prompt } = await provider.interactionDetails(request, response);
  const form = `<h1>Foreign provider</h1><form method="post">
    <label>User <input name="username" autocomplete="username"></label>
    <label>Password <input name="password" type="password" autocomplete="current-password"></label>
    <button type="submit">Log in</button></form>`;
  if (prompt.name !== "login") return page(response, 500, `<p>Unforeseen: ${prompt.name}</p>`);
  if (request.method === "GET") return page(response, 200, form);
  const given = await fields(request);
  if (!fits(given.get("username"), given.get("password"))) return page(response, 401, `<p>Wrong.</p>${form}`);
  const login = { accountId: accountId(given.get("username")) };
  return provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
};

// What people do in their accounts: user name, password, the new one.
const changePassword = async (request, response) => {
  const given = await fields(request);
  if (!fits(given.get("username"), given.get("password"))) return page(response, 401, "<p>Wrong.</p>");
  people[given.get("username")].password = given.get("new");
  return page(response, 200, "<p>Changed.</p>");
};

const callback = provider.callback();
createServer((request, response) => {
  const own = request.url === "/password" ? changePassword : request.url.startsWith("/interaction/") && interaction;
  if (!own) return callback(request, response);
  return own(request, response).catch((error) => page(response, 400, `<p>${error.name}</p>`));
}).listen(Number(PORT), "127.0.0.1");
