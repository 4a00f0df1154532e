// Answers each line of JSON with one: what Prism, or the GraphQL of its reference implementation, has against a request and its answer.
// Ends when its input does, so that no process is left by a test that was killed.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";

const require = createRequire(import.meta.url);

let prism;
const operations = new Map();

// Prism as a proxy, whose upstream has answered already.
async function rest({ document, request, reply }) {
  const TE = require("fp-ts/TaskEither");
  const { createInstance, getHttpOperationsFromSpec } = require("@stoplight/prism-http");
  const silent = Object.assign(require("abstract-logging"), { success() {}, child: () => silent });
  const config = {
    isProxy: true,
    upstream: new URL("http://upstream.invalid"),
    errors: true,
    validateRequest: true,
    validateResponse: true,
    checkSecurity: false,
  };
  prism ??= createInstance(config, { logger: silent, forward: ({ data }) => () => TE.right(data.reply) });
  if (!operations.has(document)) {
    operations.set(document, getHttpOperationsFromSpec(document));
  }

  const { method, path, query, headers, body } = request;
  const result = await prism.request({ method, url: { path, query }, headers, body, reply }, await operations.get(document))();
  return result._tag === "Left" ? [`request: ${result.left.message} ${result.left.detail}`] : findings(result.right.validations);
}

function findings({ input, output }) {
  const ERROR = 0;
  const tell = side => ({ path, message }) => `${side}: ${(path ?? []).join(".")} ${message}`;
  return [
    ...input.filter(({ severity }) => severity === ERROR).map(tell("request")),
    ...output.filter(({ severity }) => severity === ERROR).map(tell("answer")),
  ];
}

const SCHEMA = new URL("node_modules/@octokit/graphql-schema/schema.graphql", import.meta.url);
let schema;

// An answer is right if executing the query on it as the data gives it back.
async function graph({ query, variables, data }) {
  const { buildSchema, execute, parse, validate } = require("graphql");
  // GitHub's schema has a field twice, where no build is.
  schema ??= buildSchema(await readFile(SCHEMA, "utf8"), { assumeValidSDL: true });
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return [`query: ${error.message}`];
  }

  const errors = validate(schema, document);
  if (errors.length > 0) {
    return errors.map(({ message }) => `query: ${message}`);
  }
  // What an object is, where a query has not asked for it: what it has asked of it, or anything that it can be.
  const typeResolver = (value, context, { fieldNodes }, type) => {
    const asked = fieldNodes.flatMap(({ selectionSet }) => selectionSet.selections).find(({ typeCondition }) => typeCondition);
    return value.__typename ?? asked?.typeCondition.name.value ?? schema.getPossibleTypes(type)[0].name;
  };
  const result = await execute({ schema, document, rootValue: data ?? {}, variableValues: variables, typeResolver });
  // Only an error that has a path is one of the answer.
  const wrong = (result.errors ?? [])
    .filter(({ path }) => data || !path)
    .map(({ message, path }) => `${path ? "answer" : "query"}: ${message}`);
  const isSame = !data || wrong.length > 0 || isDeepStrictEqual(JSON.parse(JSON.stringify(result.data)), data);
  return isSame ? wrong : [`answer: the query asks for ${JSON.stringify(result.data)}`];
}

const kinds = { rest, graph };
for await (const line of createInterface({ input: process.stdin })) {
  const { kind, ...call } = JSON.parse(line);
  process.stdout.write(JSON.stringify(await kinds[kind](call)) + "\n");
}
