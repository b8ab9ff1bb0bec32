import type { Check } from "./check.js";
import { callersWithoutSidecar } from "./checks/callers-without-sidecar.js";
import { delaysBeyondTimeouts } from "./checks/delays-beyond-timeouts.js";
import { delegatedRequests } from "./checks/delegated-requests.js";
import { extProcNumbers } from "./checks/ext-proc-numbers.js";
import { extProcRecorder } from "./checks/ext-proc-recorder.js";
import { faultsThatNeverFire } from "./checks/faults-that-never-fire.js";
import { faultsWithoutHttp } from "./checks/faults-without-http.js";
import { hiddenRoutes } from "./checks/hidden-routes.js";
import { hostsNobodyServes } from "./checks/hosts-nobody-serves.js";
import { besideHttpRoutes, mirrorsOfHttpRoutes } from "./checks/http-routes.js";
import { inertPolicies } from "./checks/inert-policies.js";
import { lostEntries, staleJournal } from "./checks/journal.js";
import { mirrorsOfAShare, mirrorsToNowhere } from "./checks/mirrors.js";
import { missingPermits } from "./checks/permits.js";
import { recorderPorts } from "./checks/recorder-ports.js";
import { replayers } from "./checks/replayers.js";
import { routesToNowhere } from "./checks/routes-to-nowhere.js";
import { subsetsNotDefined } from "./checks/subsets-not-defined.js";
import { twoForOneHost } from "./checks/two-for-one-host.js";

/** Everything that is looked for in objects alone, in the order in which it is said. */
export const checks: readonly Check[] = [
  faultsThatNeverFire,
  callersWithoutSidecar,
  hiddenRoutes,
  hostsNobodyServes,
  routesToNowhere,
  subsetsNotDefined,
  inertPolicies,
  delaysBeyondTimeouts,
  faultsWithoutHttp,
  delegatedRequests,
  twoForOneHost,
  besideHttpRoutes,
  mirrorsToNowhere,
  mirrorsOfAShare,
  mirrorsOfHttpRoutes,
  recorderPorts,
  extProcNumbers,
  extProcRecorder,
  replayers,
  staleJournal,
  lostEntries,
  missingPermits,
];
