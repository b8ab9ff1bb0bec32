import type { ProxyReport } from "../../tape/index.js";
import { flagOfField } from "../envoy/response-flags.js";
import { answererOf } from "../envoy/via-upstream.js";
import { WireReader } from "../grpc/wire-reader.js";

/** What an access log entry says of one call, as far as it can be told of an Exchange. */
export interface LogEntry {
  /** Empty where the proxy gave the request none. */
  requestId: string;
  method: string;
  authority: string;
  /** As the proxy sent it on: the same as in a copy of the request. */
  path: string;
  /** Absent where no answer began. */
  status?: number;
  /** When the first byte of the request came, by the proxy's clock. */
  startedEpochMs: number;
  /** From the first byte of the request to the first and the last one of the answer. */
  startedAfterMs?: number;
  endedAfterMs?: number;
  proxy: ProxyReport;
  /** An entry about a call that goes on: the one that counts is still to come. */
  isIntermediate: boolean;
}

/** `RequestMethod` (envoy.config.core.v3); methods beyond it are told by 0. */
const methods = ["", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/** Reads a `StreamAccessLogsMessage` (envoy.service.accesslog.v3): its HTTP entries. Throws a RangeError for bytes that are none. */
export function readLogEntries(bytes: Uint8Array): LogEntry[] {
  const entries: LogEntry[] = [];
  const reader = new WireReader(bytes);
  each(reader, {
    2: () => inside(reader, { 1: () => entries.push(readEntry(reader)) }),
  });
  return entries;
}

function readEntry(reader: WireReader): LogEntry {
  const entry: LogEntry = {
    requestId: "",
    method: "",
    authority: "",
    path: "",
    startedEpochMs: 0,
    proxy: {},
    isIntermediate: false,
  };
  const common: Common = { flags: [] };
  inside(reader, {
    1: () => readCommon(reader, common),
    3: () => readRequest(reader, entry),
    4: () => readResponse(reader, common),
  });
  addCommon(entry, common);
  return entry;
}

function readResponse(reader: WireReader, common: Common): void {
  const status = (tag: number) => {
    common.status = whole(reader, tag);
  };
  inside(reader, {
    1: () => inside(reader, { 1: status }),
    6: () => {
      common.details = reader.text();
    },
  });
}

interface Common {
  flags: string[];
  startedEpochMs?: number;
  status?: number;
  details?: string;
  firstByteMs?: number;
  lastByteMs?: number;
  durationMs?: number;
  upstream?: string | undefined;
  route?: string;
  attempts?: number;
  isIntermediate?: boolean;
}

function addCommon(entry: LogEntry, common: Common): void {
  const { status, details, flags, firstByteMs, upstream, route, attempts } = common;
  const endedAfterMs = common.lastByteMs ?? common.durationMs;
  entry.startedEpochMs = common.startedEpochMs ?? 0;
  if (status) entry.status = status;
  if (firstByteMs !== undefined) entry.startedAfterMs = firstByteMs;
  if (endedAfterMs !== undefined) entry.endedAfterMs = endedAfterMs;
  entry.proxy = {
    ...answererOf(details),
    ...(flags.length > 0 && { flags }),
    ...(route && { route }),
    ...(upstream && { upstream }),
    ...(attempts !== undefined && attempts > 1 && { attempts }),
  };
  entry.isIntermediate = common.isIntermediate === true;
}

function readCommon(reader: WireReader, common: Common): void {
  inside(reader, {
    5: () => {
      common.startedEpochMs = readDuration(reader); // a Timestamp has the same two fields
    },
    11: () => {
      common.firstByteMs = readDuration(reader);
    },
    12: () => {
      common.lastByteMs = readDuration(reader);
    },
    13: () => {
      common.upstream = readAddress(reader);
    },
    16: () => readFlags(reader, common.flags),
    19: () => {
      common.route = reader.text();
    },
    23: () => {
      common.durationMs = readDuration(reader);
    },
    24: (tag) => {
      common.attempts = whole(reader, tag);
    },
    26: (tag) => {
      common.isIntermediate = whole(reader, tag) !== 0;
    },
  });
}

function readRequest(reader: WireReader, entry: LogEntry): void {
  inside(reader, {
    1: (tag) => {
      entry.method = methods[whole(reader, tag)] ?? "";
    },
    3: () => {
      entry.authority = reader.text();
    },
    5: () => {
      entry.path = reader.text();
    },
    9: () => {
      entry.requestId = reader.text();
    },
  });
}

/** Each is a bool, but for `unauthorized_details`: a message that is there or not. */
function readFlags(reader: WireReader, flags: string[]): void {
  const outer = reader.enter();
  while (reader.hasMore) {
    const tag = reader.varint();
    const isSet = (tag & 7) === 0 ? reader.varint() !== 0 : true;
    if ((tag & 7) !== 0) reader.skip(tag);
    const flag = isSet ? flagOfField(tag >>> 3) : undefined;
    if (flag !== undefined) flags.push(flag);
  }
  reader.leave(outer);
}

function readDuration(reader: WireReader): number {
  let [seconds, nanos] = [0, 0];
  inside(reader, {
    1: (tag) => {
      seconds = whole(reader, tag);
    },
    2: (tag) => {
      nanos = whole(reader, tag);
    },
  });
  return seconds * 1000 + nanos / 1e6;
}

function readAddress(reader: WireReader): string | undefined {
  let [host, port] = ["", 0];
  inside(reader, {
    1: () =>
      inside(reader, {
        2: () => {
          host = reader.text();
        },
        3: (tag) => {
          port = whole(reader, tag);
        },
      }),
  });
  if (host === "") return undefined;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

type Fields = Readonly<Record<number, (tag: number) => unknown>>;

/** Reads the fields that are named by their numbers, where they have the wire type that belongs to them; skips the rest. */
function each(reader: WireReader, fields: Fields): void {
  while (reader.hasMore) {
    const tag = reader.varint();
    const read = fields[tag >>> 3];
    if (read === undefined || ((tag & 7) !== 2 && (tag & 7) !== 0)) reader.skip(tag);
    else read(tag);
  }
}

function inside(reader: WireReader, fields: Fields): void {
  const outer = reader.enter();
  each(reader, fields);
  reader.leave(outer);
}

/** A number; what is there instead is skipped. */
function whole(reader: WireReader, tag: number): number {
  if ((tag & 7) === 0) return reader.varint();
  reader.skip(tag);
  return 0;
}
