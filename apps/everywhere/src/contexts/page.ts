/** One page for every browser: the suite on the main thread, then in a worker; each report is posted to the server that served the page. */
import { runInBrowser } from "./in-browser.ts";

const packages = new URL("/packages/", location.href).href;
const send = (context: string, report: unknown): Promise<Response> =>
  fetch(`/report${location.pathname}${context}`, { method: "POST", body: JSON.stringify(report) });

const violations: string[] = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => violations.push(`${violatedDirective} ${blockedURI}`));

await send("main", { ...(await runInBrowser(packages)), violations });
const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const report = await new Promise((resolve) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => resolve({ error: `the worker did not run: ${message}` });
  worker.postMessage(packages);
});
worker.terminate();
await send("worker", report);
