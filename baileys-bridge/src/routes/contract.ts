import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { Fault } from "../fault.js";

type Schema = { [key: string]: unknown };

interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  schema: Schema;
}

interface Operation {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: { "application/json": { schema: Schema } } };
  /** Empty for an operation that needs no token. */
  security?: unknown[];
}

interface Document {
  paths: { [path: string]: { [method: string]: Operation } };
  components: { schemas: { [name: string]: Schema } };
}

/** One operation of the contract, with the checks that a request to it must pass. */
export interface Checked {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As the contract writes it: /api/history/chats/{chat_jid}. */
  path: string;
  operationId: string;
  /** No token is needed. */
  open: boolean;
  /** Whether it is a send, which carries an Idempotency-Key. */
  sends: boolean;
  /** Throws INVALID_ARGUMENT. Query values become what their schemas say, where that loses nothing. */
  check(parts: { params: unknown; query: unknown; body: unknown; key?: unknown }): void;
}

/** The one header that an operation may take. */
const KEY = "Idempotency-Key";
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Reads openapi.json, which is drawn from the tool catalogue: the requests that this bridge takes, and no others. */
export function readContract(): Checked[] {
  const document = JSON.parse(readFileSync(new URL("../../openapi.json", import.meta.url), "utf8")) as Document;
  // Two validators, because a query is text and a body is not: "5" is a limit in the one and an error in the other.
  const strict = new Ajv({ strict: false, validateFormats: false });
  const lenient = new Ajv({ strict: false, validateFormats: false, coerceTypes: true });
  const full = (schema: Schema): Schema => ({ ...schema, components: document.components });
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method.toLowerCase()];
      if (operation === undefined) return [];
      const { parameters = [], requestBody, operationId, security } = operation;
      const params = lenient.compile(full(objectOf(parameters.filter((parameter) => parameter.in === "path"))));
      const query = lenient.compile(full(objectOf(parameters.filter((parameter) => parameter.in === "query"))));
      const header = parameters.find((parameter) => parameter.name === KEY);
      const key = header && lenient.compile(full(objectOf([header])));
      const body = requestBody && strict.compile(full(requestBody.content["application/json"].schema));
      const check: Checked["check"] = (parts) => {
        demand(params, parts.params);
        demand(query, parts.query);
        if (key !== undefined && parts.key !== undefined) demand(key, { [KEY]: parts.key });
        if (body === undefined) return;
        if (parts.body !== undefined) demand(body, parts.body);
        else if (requestBody?.required) throw invalid("body", "is missing; send {} where nothing is to be said");
      };
      return [{ method, path, operationId, open: security?.length === 0, sends: key !== undefined, check }];
    }),
  );
}

function objectOf(parameters: Parameter[]): Schema {
  return {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  };
}

function demand(validate: ValidateFunction, value: unknown): void {
  if (validate(value)) return;
  const error = validate.errors?.[0];
  if (error === undefined) throw invalid("request", "is not what the operation takes");
  throw invalid(argumentOf(error), problemOf(error));
}

function invalid(argument: string, problem: string): Fault {
  return new Fault("INVALID_ARGUMENT", `${argument} ${problem}.`, { details: { argument, problem } });
}

function argumentOf({ instancePath, keyword, params }: ErrorObject): string {
  const parts = instancePath.split("/").filter((part) => part !== "");
  if (keyword === "additionalProperties") parts.push(String(params.additionalProperty));
  if (keyword === "required") parts.push(String(params.missingProperty));
  return parts.length === 0 ? "body" : parts.join(".");
}

function problemOf({ keyword, params }: ErrorObject): string {
  switch (keyword) {
    case "additionalProperties":
      return "is not known here";
    case "required":
      return "is missing";
    case "type":
      return `must be of type ${params.type}`;
    case "minimum":
    case "maximum":
      return `must be ${params.comparison} ${params.limit}`;
    case "minLength":
      return `must have at least ${params.limit} characters`;
    case "maxLength":
      return `must have at most ${params.limit} characters`;
    case "maxItems":
      return `must have at most ${params.limit} entries`;
    case "enum":
      return `must be one of ${params.allowedValues.join(", ")}`;
    case "pattern":
      return `must match ${params.pattern}`;
    default:
      return "is not what the operation takes";
  }
}
