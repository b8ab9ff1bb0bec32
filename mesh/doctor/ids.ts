/**
 * Every finding there is, by its id: what it is about in a few words. An id is never given to another finding; those of
 * one family have their first digits in common. docs/doctor.md has a section for each.
 */
export const findingIds = {
  TL0001: "a check could not be made",

  TL0101: "fault without a percentage",
  TL0102: "fault with a percentage of 0",
  TL0103: "callers without a sidecar",
  TL0104: "route that is never reached",
  TL0105: "VirtualService for a host nobody serves",
  TL0106: "route to a Service that is not there",
  TL0107: "route to a subset that is not defined",
  TL0108: "retries or timeout switched off by a fault",
  TL0109: "delay as long as a timeout, or longer",
  TL0110: "fault on a port that is not HTTP",
  TL0111: "delegated requests that a fault or mirror leaves out",

  TL0201: "two VirtualServices for one host",
  TL0202: "VirtualService beside an HTTPRoute",

  TL0301: "mirror to a Service that is not there",
  TL0302: "mirror to a Service without a ready pod",
  TL0303: "mirror to a port the Service does not have",
  TL0304: "mirror of a random share",
  TL0305: "mirror of a share of 0",
  TL0306: "bodies that some proxies do not mirror",

  TL0401: "recorder port without a protocol in its name",
  TL0402: "ext_proc filter that makes calls wait",
  TL0403: "ext_proc filter that fails calls with the recorder",
  TL0404: "ext_proc streams open for too long",
  TL0405: "ext_proc filter without a bound on waiting",
  TL0406: "ext_proc filter without an authority",
  TL0407: "recorder's cluster with too few streams",
  TL0408: "recorder's connections without an end",
  TL0409: "ext_proc filter that tells nobody",
  TL0410: "a sidecar has lost captures",

  TL0501: "replayer without a sidecar",
  TL0502: "replayer without a Service",

  TL0601: "calls to unknown hosts are let out",
  TL0602: "calls to other namespaces are let out",
  TL0603: "a host outside is opened",
  TL0604: "pods without a fence",
  TL0605: "NetworkPolicy that lets calls out",
  TL0606: "the fence is a NetworkPolicy alone",
  TL0607: "a recorded upstream lies outside",

  TL0701: "a command lacks rights",

  TL0801: "a journal entry whose command is gone",
  TL0802: "a journal entry that cannot be read",
  TL0803: "a changed object without its journal entry",
  TL0804: "the namespace is not open for commands",

  TL0901: "a service drops its context",
  TL0902: "the tape does not say who passes what on",
} as const;

export type FindingId = keyof typeof findingIds;
