export type { Sent } from "./answer-collector.js";
export type { Expected, Landing } from "./landing.js";
export { securing, type TargetTls } from "./secure.js";
export { openSender, type Sender, type SenderOptions } from "./sender.js";
export { speaksHttp2 } from "./speaks-http2.js";
export { UnsendableRequest } from "./transport.js";
export type { WireRequest } from "./wire-request.js";
