// A certified provider of OpenID Connect on the loopback interface, for one test run.
// node provider.mjs PORT REDIRECT_URI: prints "ready" once it answers.
import { Provider } from "oidc-provider";

const [port, redirect] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "dashboard",
      client_secret: "secret-of-the-test",
      redirect_uris: [redirect],
      post_logout_redirect_uris: [redirect, new URL(redirect).origin, new URL("/", redirect).href],
      token_endpoint_auth_method: "client_secret_basic",
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["key-of-the-test"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: id,
      email: `${id}@office.example`,
      email_verified: id !== "unverified",
      groups: id === "group" ? ["planning"] : [],
    }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
