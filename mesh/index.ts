export { type Cluster, ClusterRefusal } from "./cluster/cluster.js";
export { connectCluster } from "./cluster/connect.js";
export type { ClusterObject } from "./cluster/object.js";
export { emitted } from "./emit.js";
export { type FaultState, type FaultWish, faultOff, faultOn, listFaults, wouldFault } from "./fault/fault.js";
export type { PutBack } from "./journal/put-back.js";
export { mirrorOff, mirrorOn, parseRecorder, wouldMirror } from "./mirror/mirror.js";
export { type MirrorState, mirrorStatus } from "./mirror/status.js";
export { type Restored, restore } from "./restore.js";
