export { openStub, type Stub, type StubOptions } from "./stub.js";
export { stubWarnings } from "./warnings.js";
