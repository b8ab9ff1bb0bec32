import { clusterContract } from "../contracts/cluster.js";
import { newNamespace, realCluster } from "../support/cluster.js";

clusterContract("a real API server", async (t) => {
  const real = await realCluster(t);
  return real && { cluster: real.cluster, namespace: await newNamespace(t, real.cluster) };
});
