import type { TestContext } from "node:test";
import * as grpc from "@grpc/grpc-js";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";

/** A FileDescriptorProto with its name, as a server's reflection has it. */
export interface ServedFile {
  name: string;
  imports: readonly string[];
  bytes: Uint8Array;
}

/**
 * The files of `/shop.Orders/Get`, as protoc would have compiled them: `shop/orders.proto` imports `shop/money.proto`, which
 * imports `shop/unit.proto`. `starsNumber` is the field number of `Order.stars`.
 */
export function shopFiles(starsNumber = 2): ServedFile[] {
  const order = {
    name: "Order",
    field: [
      field("id", 1, "TYPE_STRING"),
      field("stars", starsNumber, "TYPE_INT32"),
      field("size", 3, "TYPE_ENUM", ".shop.Order.Size"),
      { ...field("prices", 4, "TYPE_MESSAGE", ".shop.Order.PricesEntry"), label: "LABEL_REPEATED" },
      field("total", 5, "TYPE_MESSAGE", ".shop.Money"),
    ],
    nestedType: [
      {
        name: "PricesEntry",
        field: [field("key", 1, "TYPE_STRING"), field("value", 2, "TYPE_INT64")],
        options: { mapEntry: true },
      },
    ],
    enumType: [enumOf("Size", "SMALL", "LARGE")],
  };
  const money = {
    name: "Money",
    field: [field("cents", 1, "TYPE_INT64"), field("unit", 2, "TYPE_ENUM", ".shop.Unit")],
  };
  const get = { name: "Get", inputType: ".shop.Order", outputType: ".shop.Order" };
  return [
    servedFile("shop/orders.proto", ["shop/money.proto"], {
      messageType: [order],
      service: [{ name: "Orders", method: [get] }],
    }),
    servedFile("shop/money.proto", ["shop/unit.proto"], { messageType: [money] }),
    servedFile("shop/unit.proto", [], { enumType: [enumOf("Unit", "EUR", "USD")] }),
  ];
}

function field(name: string, number: number, type: string, typeName?: string) {
  return { name, number, label: "LABEL_OPTIONAL", type, ...(typeName === undefined ? {} : { typeName }) };
}

function enumOf(name: string, ...values: readonly string[]) {
  return { name, value: values.map((value, number) => ({ name: value, number })) };
}

/** A file of the package `shop`; `content` has members of FileDescriptorProto. */
export function servedFile(name: string, imports: readonly string[], content: object): ServedFile {
  const file = { name, package: "shop", dependency: imports, syntax: "proto3", ...content };
  const type = descriptor.FileDescriptorProto;
  return { name, imports, bytes: type.encode(type.fromObject(file)).finish() };
}

/** An Order on the wire by these files; what is given is written, defaults too, in this order of members. */
export function encodeOrder(files: readonly ServedFile[], order: object): Buffer {
  const set = { file: files.map(({ bytes }) => descriptor.FileDescriptorProto.decode(bytes)) };
  const type = protobuf.Root.fromDescriptor(descriptor.FileDescriptorSet.create(set) as never, {
    keepCase: true,
  }).lookupType("shop.Order");
  return Buffer.from(type.encode(type.fromObject(order)).finish());
}

export interface GrpcShop {
  url: string;
  /** What its reflection was asked, as `v1 services`, `v1 symbol shop.Orders`, `v1 file shop/money.proto`. */
  asked: string[];
  /** Header fields of each call of reflection. */
  metadata: grpc.Metadata[];
}

export interface GrpcShopOptions {
  /** What `/shop.Orders/Get` answers. */
  answer: Buffer;
  /** Served by reflection; all by v1 unless `versions` says other. */
  files?: readonly ServedFile[];
  versions?: readonly ("v1" | "v1alpha")[];
  /** The file of each service it lists; `shop.Orders` alone unless said. */
  services?: Readonly<Record<string, string>>;
  /** A file is answered with all that it imports, instead of alone. */
  withImports?: boolean;
  /** Reflection refuses with this status. */
  refusal?: grpc.status;
  /** Serves TLS with this certificate. */
  secure?: { cert: string; key: string };
}

/** A gRPC server of grpc-js with server reflection. */
export async function startGrpcShop(t: TestContext, options: GrpcShopOptions): Promise<GrpcShop> {
  const server = new grpc.Server();
  const shop: GrpcShop = { url: "", asked: [], metadata: [] };
  server.addService(definition("/shop.Orders/Get", false), {
    get: (_call: unknown, done: grpc.sendUnaryData<Buffer>) => done(null, options.answer),
  });
  for (const version of options.versions ?? ["v1"]) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    server.addService(definition(path, true), { get: reflection(version, options, shop) });
  }
  const { secure } = options;
  const credentials =
    secure === undefined
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(secure.cert), private_key: Buffer.from(secure.key) },
        ]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  t.after(() => server.forceShutdown());
  return Object.assign(shop, { url: `${secure === undefined ? "http" : "https"}://127.0.0.1:${port}` });
}

function definition(path: string, isStream: boolean): grpc.ServiceDefinition {
  const asIs = (message: Buffer): Buffer => message;
  const streams = { requestStream: isStream, responseStream: isStream };
  const codecs = { ...{ requestSerialize: asIs, requestDeserialize: asIs }, ...{ responseSerialize: asIs } };
  return { get: { path, ...streams, ...codecs, responseDeserialize: asIs } };
}

const { root } = protobuf.parse(
  `syntax = "proto3";
  message Request { string host = 1; oneof asked { string file = 3; string symbol = 4; string services = 7; } }
  message Response {
    string valid_host = 1; Request original_request = 2;
    oneof answer { Files files = 4; Services list = 6; Failure failure = 7; }
  }
  message Files { repeated bytes file = 1; }
  message Services { repeated Service service = 1; }
  message Service { string name = 1; }
  message Failure { int32 code = 1; string message = 2; }`,
  { keepCase: true },
);
const request = root.lookupType("Request");
const response = root.lookupType("Response");

interface Asked {
  file?: string;
  symbol?: string;
  services?: string;
}

function reflection(version: string, options: GrpcShopOptions, shop: GrpcShop) {
  const { files = [], services: listed = { "shop.Orders": "shop/orders.proto" }, withImports, refusal } = options;
  const closure = (file: ServedFile): ServedFile[] => [
    file,
    ...files.filter(({ name }) => file.imports.includes(name)).flatMap(closure),
  ];
  const answerTo = ({ file, symbol, services }: Asked): object => {
    if (services !== undefined) {
      const names = ["grpc.reflection.v1.ServerReflection", ...Object.keys(listed)];
      return { list: { service: names.map((name) => ({ name })) } };
    }
    const wanted = symbol === undefined ? file : listed[symbol];
    const found = files.find(({ name }) => name === wanted);
    if (found === undefined) return { failure: { code: grpc.status.NOT_FOUND, message: "not found" } };
    return { files: { file: (withImports ? closure(found) : [found]).map(({ bytes }) => bytes) } };
  };
  return (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
    shop.metadata.push(call.metadata);
    if (refusal !== undefined) return void call.emit("error", { code: refusal, details: "no" });
    call.on("data", (message: Buffer) => {
      const asked = request.toObject(request.decode(message)) as Asked;
      const { file, symbol } = asked;
      const what = file === undefined ? (symbol === undefined ? "services" : `symbol ${symbol}`) : `file ${file}`;
      shop.asked.push(`${version} ${what}`);
      const answer = { valid_host: "shop", original_request: asked, ...answerTo(asked) };
      call.write(Buffer.from(response.encode(response.create(answer)).finish()));
    });
    call.on("end", () => call.end());
  };
}
