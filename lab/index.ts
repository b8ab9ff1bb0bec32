export { type ReadyProcess, startReadyProcess } from "./ready-process.js";
export { type Lab, startLab } from "./start-lab.js";
export type { Topology } from "./topology.js";
