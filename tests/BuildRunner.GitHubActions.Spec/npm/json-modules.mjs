// @actions/workflow-parser imports a JSON file without saying so, which Node refuses.
import { register } from "node:module";

const hooks = `export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  return resolved.url.endsWith(".json") ? { ...resolved, importAttributes: { type: "json" } } : resolved;
}`;
register("data:text/javascript," + encodeURIComponent(hooks));
