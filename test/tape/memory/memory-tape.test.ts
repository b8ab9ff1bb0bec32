import { openMemoryTape } from "../../../tape/index.js";
import { tapeStoreContract } from "../../contracts/tape-store.js";
import { testKey } from "../../support/captured.js";

tapeStoreContract("memory", {
  begin: () => {
    let tape: ReturnType<typeof openMemoryTape> | undefined;
    return {
      write: async (recorder) => {
        if (tape) return tape.join(recorder);
        tape = openMemoryTape({ recorder, key: testKey });
        return tape.writer;
      },
      read: async () => tape!.openReader(),
    };
  },
});
