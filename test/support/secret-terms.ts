/*
 * What standards and industries call their secrets: written from their texts, not from the list that redaction goes by, so
 * that a name which is missing there fails. Digits and joints as the sources have them.
 */

/** RFC 6749, 7009, 7521, 7591, 7636, 8628, 8693; OpenID Connect Core, CIBA; RFC 5849. */
const oauth = `access_token refresh_token client_secret password code_verifier code_challenge device_code
  verification_uri_complete client_assertion subject_token actor_token id_token id_token_hint logout_token
  registration_access_token auth_req_id oauth_token oauth_token_secret oauth_verifier oauth_signature`;

/** SAML 2.0 bindings: redirect, POST, artifact; WS-Federation. */
const saml = "SAMLResponse SAMLRequest SAMLart wresult";

/** PCI DSS: sensitive authentication data, account numbers. */
const cards = `cvv cvv2 cvc cvc2 cav2 csc card_security_code card_verification_value card_verification_code pin pin_block
  track_data track2_data card_number credit_card_number`;

/** What authorities and banks of the US and the EU number people by. */
const identity = `ssn social_security_number national_id national_id_number national_insurance_number passport_number
  drivers_license_number driving_licence_number taxpayer_id tax_identification_number codice_fiscale bsn iban`;

/** Query fields of signed URLs; members of connection strings and of credentials files. */
const clouds = `X-Amz-Signature X-Amz-Credential X-Amz-Security-Token X-Goog-Signature X-Goog-Credential sig
  SharedAccessSignature SharedAccessKey sharedaccesskey AccountKey aws_secret_access_key connection_string
  subscription_key private_key license_key`;

/** RFC 4226, 6238; what services send by mail and short message; BIP 39. */
const once = `otp totp mfa_code sms_code one_time_code one_time_password verification_code security_code passcode
  authorization_code access_code recovery_code backup_codes mnemonic seed_phrase passphrase`;

/** Sessions and settings. */
const settings = `pass db_pass smtp_pass user_pass api_key x-api-key auth session_id jsessionid phpsessid sid csrf
  csrf_token xsrf`;

/** Names under which whatever stands is a secret. */
export const secretTerms: readonly string[] = [oauth, saml, cards, identity, clouds, once, settings].flatMap((list) =>
  list.split(/\s+/),
);

/** Names that look like those and are none. */
export const ordinaryTerms: readonly string[] =
  `compass passenger passengers bypass overpass boarding_pass first_pass pass_count pass_rate passed code status_code
  error_code zip_code country_code postal_code product_code promo_code currency_code language_code phone_code
  code_challenge_method token_type expires_in state nonce RelayState signature assertion service_code expiry_date
  cardholder_name card_type license tracking_number track society national nationality connection channel tax tax_rate
  tax_id challenge phrase seed remember_me webhook_url user_code verification_uri cid pan`.split(/\s+/);

/** A secret beside what makes it one: `[name, others]`. */
export const secretsInCompany: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["code", { grant_type: "authorization_code", redirect_uri: "https://shop.example/cb" }],
  ["code", { grant_type: "authorization_code" }],
  ["code", { redirect_uri: "https://shop.example/cb" }],
  ["code", { state: "xyz" }],
  ["code", { client_id: "s6BhdRkqt3" }],
  ["code", { scope: "openid", iss: "https://login.example" }],
  ["code", { redirectUri: "https://shop.example/cb" }],
  ["assertion", { grant_type: "urn:ietf:params:oauth:grant-type:saml2-bearer" }],
  ["user_code", { verification_uri: "https://login.example/device" }],
  ["Signature", { Expires: "1700000000", "Key-Pair-Id": "K1" }],
];
