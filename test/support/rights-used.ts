/** What calls of an API server asked for, as rights are named: `update deployments`, `create pods/portforward`. */
export function rightsUsed(calls: readonly string[]): Set<string> {
  return new Set(calls.flatMap(rightUsed));
}

const verbs: Readonly<Record<string, string>> = { POST: "create", PUT: "update", DELETE: "delete" };

/** A call such as `GET /api/v1/namespaces/shop/pods/reviews/portforward?ports=80`; none for a review of access, which all may ask for. */
function rightUsed(call: string): string[] {
  const [method = "", url = ""] = call.split(" ");
  const { pathname } = new URL(url, "http://api");
  const [, resource = "", name, subresource] =
    /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+(?=\/))?\/([a-z]+)(?:\/([^/]+))?(?:\/([a-z]+))?$/.exec(
      pathname,
    ) ?? [];
  if (resource === "selfsubjectaccessreviews") return [];
  if (subresource === "portforward") return ["get", "create"].map((verb) => `${verb} ${resource}/${subresource}`);
  const verb = verbs[method] ?? (name === undefined ? "list" : "get");
  return [`${verb} ${subresource === undefined ? resource : `${resource}/${subresource}`}`];
}
