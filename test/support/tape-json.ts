/** What `tapeloop tape … --json` and `report.json` give, as far as tests read it: written down here apart from the source, as another tool would. */
export interface ListedExchange {
  id: number;
  startedNs: string;
  vantage: string;
  method: string;
  authority: string;
  path: string;
  protocol: string;
  requestEnd: string;
  answer: string;
  status?: number;
  answerEnd?: string;
  requestId?: string;
  incarnation: string;
}

export interface ShownMessage {
  headers: [string, string][];
  trailers: [string, string][];
  body: { kind: string; bytes: number; kept?: number; hash?: string; text?: string; base64?: string };
}

export interface ShownExchange extends Omit<ListedExchange, "answer"> {
  request: ShownMessage & { rawHeaders?: [string, string][] };
  answer: { kind: string; status?: number; end?: string } & Partial<ShownMessage>;
  frames: { direction: string; kind: string; offset: number; length: number }[];
}

export interface TapeStatsJson {
  exchanges: number;
  byVantage: Record<string, number>;
  answers: { response: number; failure: number; unknown: number };
  truncated: number;
  dropped: number;
  counts: { seen: number; kept: number; dropped: number; aborted: number; sampledOut: number };
  bodies: { stored: number; bytesStored: number; bytesSeen: number };
  firstNs: string;
  lastNs: string;
  recorders: {
    id: { name: string; incarnation: string };
    exchanges: number;
    startedNs: string;
    aliveNs: string;
    stoppedNs?: string;
  }[];
  gaps: { recorder: string; afterIncarnation: string; fromNs: string; toNs?: string }[];
}

export interface ReportJson {
  verdict: string;
  reasons: string[];
  reference: string;
  steps: number;
  sent: number;
  answered: number;
  compared: number;
  live: number;
  notSent: Record<string, number>;
  order: { order: string; required: number; violated: number };
  divergences: {
    route: string;
    place: string;
    kind: string;
    count: number;
    of: number;
    attribution: string;
    examples: unknown[];
  }[];
}
