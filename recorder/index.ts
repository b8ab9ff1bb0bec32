export type { RecorderEnv, RecorderOptions } from "./options.js";
export { type RunningRecorder, startRecorder } from "./start-recorder.js";
