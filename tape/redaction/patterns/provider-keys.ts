import { renderPlain } from "../text/render.js";
import type { SecretPattern } from "./pattern.js";

/** A provider's keys: what they begin with is public and stays, what follows is the secret. */
interface ProviderKey {
  name: string;
  explain: string;
  starts: readonly string[];
  /** The beginning that stays. */
  begins: string;
  /** What follows. */
  rest: string;
}

const keys: readonly ProviderKey[] = [
  {
    name: "aws-key",
    explain: "AWS access key ids",
    starts: ["AKI", "ASI", "ABI", "ACC"],
    begins: "A(?:KIA|SIA|BIA|CCA)",
    rest: "[A-Z2-7]{16}(?![A-Za-z0-9])",
  },
  {
    name: "gcp-key",
    explain: "Google API keys, OAuth tokens and client secrets",
    starts: ["AIz", "ya2", "GOC"],
    begins: "(?:AIza|ya29\\.|GOCSPX-)",
    rest: "[\\w-]{20,}",
  },
  {
    name: "azure-secret",
    explain: "Azure client secrets",
    starts: ["8Q~", "7Q~", "6Q~", "5Q~", "4Q~", "3Q~", "2Q~", "1Q~", "0Q~", "9Q~"],
    begins: "\\dQ~",
    rest: "[\\w.~-]{31,34}",
  },
  {
    name: "github-token",
    explain: "GitHub tokens",
    starts: ["ghp", "gho", "ghu", "ghs", "ghr", "git"],
    begins: "(?:gh[pousr]_|github_pat_)",
    rest: "\\w{20,}",
  },
  { name: "gitlab-token", explain: "GitLab tokens", starts: ["glp"], begins: "glpat-", rest: "[\\w-]{20,}" },
  {
    name: "slack-token",
    explain: "Slack tokens",
    starts: ["xox", "xap"],
    begins: "xo(?:x[abeoprs]|xe\\.xox[bp])-|xapp-",
    rest: "[\\w-]{10,}",
  },
  {
    name: "stripe-key",
    explain: "Stripe secret and restricted keys, webhook secrets",
    starts: ["sk_", "rk_", "whs"],
    begins: "(?:[sr]k_(?:live|test)_|whsec_)",
    rest: "[A-Za-z0-9+/=]{10,}",
  },
  {
    name: "ai-key",
    explain: "keys of OpenAI, Anthropic and Hugging Face",
    starts: ["sk-", "hf_"],
    begins: "(?:sk-(?:proj-|ant-|svcacct-)?|hf_)",
    rest: "[\\w-]{20,}",
  },
  {
    name: "sendgrid-key",
    explain: "SendGrid keys",
    starts: ["SG."],
    begins: "SG\\.",
    rest: "[\\w-]{16,}\\.[\\w-]{16,}",
  },
  {
    name: "package-token",
    explain: "npm, PyPI and Docker tokens",
    starts: ["npm", "pyp", "dck"],
    begins: "(?:npm_|pypi-|dckr_pat_)",
    rest: "[\\w-]{20,}",
  },
  {
    name: "platform-token",
    explain: "Vault, DigitalOcean, Databricks, Shopify, Grafana, Square and Linear tokens",
    starts: ["hvs", "hvb", "dop", "dap", "shp", "gls", "sq0", "lin"],
    begins: "(?:hv[sb]\\.|dop_v1_|dapi|shp(?:at|ca|pa|ss)_|glsa_|sq0(?:atp|csp)-|lin_api_)",
    rest: "[\\w-]{20,}",
  },
  { name: "telegram-token", explain: "Telegram bot tokens", starts: [":AA"], begins: ":AA", rest: "[\\w-]{32,34}" },
];

/** Keys and tokens that providers made recognisable. */
export const providerKeys: readonly SecretPattern[] = keys.map(({ name, explain, starts, begins, rest }) => {
  const whole = new RegExp(`^(${begins})${rest.replace(/\(\?!.*?\)$/, "")}$`);
  return {
    name,
    explain,
    find: {
      kind: "literal",
      starts,
      form: new RegExp(`(?:${begins})${rest}`, "y"),
      inWord: name === "azure-secret" || name === "telegram-token",
    },
    form: {
      is: (value) => value.length <= 512 && whole.test(value),
      render: (secret, { next }) => {
        const begin = whole.exec(secret)![1]!;
        return begin + renderPlain(secret.slice(begin.length), next);
      },
    },
  };
});
