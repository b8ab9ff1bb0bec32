import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { missingAccess, missingInWords } from "./missing-access.js";
import type { MeshCommand } from "./needs.js";

/**
 * The same cluster; where it forbids something (403, not a webhook's), the words that come with the refusal end in all
 * that the command lacks in its namespace, so that one line tells what to ask for.
 */
export function sayingWhatIsMissing(cluster: Cluster, namespace: string, command: MeshCommand): Cluster {
  const explained = async (refusal: unknown): Promise<never> => {
    if (!(refusal instanceof ClusterRefusal) || refusal.status !== 403) throw refusal;
    if (/admission webhook/.test(refusal.words)) throw refusal;
    const missing = await missingAccess(cluster, namespace, command).catch(() => []);
    const needed = missing.filter(({ optional }) => !optional);
    if (needed.length === 0) throw refusal;
    throw new ClusterRefusal(403, `${refusal.words}; in all, \`${command}\` lacks: ${missingInWords(needed)}`);
  };
  return new Proxy(cluster, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== "function") return member;
      return (...words: unknown[]) => {
        const answer: unknown = member.apply(target, words);
        return answer instanceof Promise ? answer.catch(explained) : answer;
      };
    },
  });
}
