import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isSecretName } from "../../../tape/index.js";
import { isResult, nameStems, secrecyOf } from "../../../tape/redaction/secret-names.js";

const secret = `password passwd pwd secret client_secret clientSecret token access_token refresh_token id_token api_key
  apikey apiKey APIKEY auth authorization credential credentials session session_id sessionId sid private_key pin cvv otp
  user_password newPasswordAgain password2 user[password] x-api-key X-Auth-Token x-csrf-token accesstoken x-amz-security-token
  card_pin passphrase JSESSIONID PHPSESSID connect.sid aws_secret_access_key _csrf authenticity_token PassWord
  X-Amz-Credential X-Amz-Signature sig secret_id refreshTokens pass db_pass dbpass pass2 pass_phrase user_SAMLart`.split(
  /\s+/,
);

const ordinary = `tokens_used max_tokens total_tokens tokens token_type tokenType password_length password_changed_at
  session_ttl auth_method expires_in author authority authentic shipping spin pinned opinion sidebar side key primary_key
  code status_code zip_code passenger compass page_token nextPageToken continuation_token secretary_name cardinality
  card_type sec-websocket-key idempotency-key id name value otpauth_issuer keyboard monkey hotpot resident
  compass bypass passport boarding_pass multi_pass pass_rate code_challenge_method security_code_length cardinal
  tax_id license nationality connection phrase tracking`.split(/\s+/);

test("names of secrets are known in every way of writing them", () => {
  assert.deepEqual(
    secret.filter((name) => !isSecretName(name)),
    [],
  );
});

test("counters, words about secrets and words that only look alike are no secrets", () => {
  assert.deepEqual(ordinary.filter(isSecretName), []);
});

test("under names of passwords that are names of results, too, what a test says is no secret", () => {
  assert.equal(secrecyOf("pass"), "text");
  assert.equal(secrecyOf("password"), "always");
  for (const value of ["true", "3", "12/14", "3 of 4", "99.5%", "12ms", "failed", "-1"])
    assert.ok(isResult(value), value);
  for (const value of ["1234", "hunter2", "true love", "$2b$10$x"]) assert.ok(!isResult(value), value);
});

test("every secret name holds one of the stems that the cheap scan looks for", () => {
  const word = fc.constantFrom(...secret, ...ordinary, "my", "x", "old", "2");
  const name = fc
    .array(word, { minLength: 1, maxLength: 3 })
    .chain((words) => fc.constantFrom(words.join("_"), words.join("-"), words.join(""), words.join("").toUpperCase()));
  fc.assert(
    fc.property(fc.oneof(name, fc.string()), (one) => {
      if (isSecretName(one))
        assert.ok(
          nameStems.some((stem) => one.toLowerCase().includes(stem.replace("|", ""))),
          one,
        );
    }),
    { numRuns: 2000 },
  );
});
