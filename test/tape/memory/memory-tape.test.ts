import { openMemoryTape } from "../../../tape/index.js";
import { tapeStoreContract } from "../../contracts/tape-store.js";
import { testKey } from "../../support/captured.js";

tapeStoreContract("memory", {
  begin: () => {
    let tape: ReturnType<typeof openMemoryTape> | undefined;
    return {
      write: async (recorder, keep) => {
        if (tape) return tape.join(recorder, keep);
        tape = openMemoryTape({ recorder, key: testKey, ...(keep && { keep }) });
        return tape.writer;
      },
      read: async () => tape!.openReader(),
    };
  },
});
