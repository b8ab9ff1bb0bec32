// Puts the Python clients of test/system/clients.test.ts into .cache/python-clients (once) and prints the folder, for PYTHONPATH. Needs
// Python 3.10 or newer with pip; the machine's own pip settings apply.
import { cached, getOnce, pipInstall } from "./get-once.mjs";

const folder = cached("python-clients");

getOnce(folder, folder, (partial) => pipInstall(partial, ["httpx[http2]==0.28.1", "grpcio==1.76.0"]));
