// Drives the published npm client of Humanloop, which holds every answer against its own schema; prints what it saw as
// one line of JSON. Its argument is one JSON object: `url` and `key` of the server, `run`, `gateway_log`.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "package.json"));
const module = await import(pathToFileURL(require.resolve("humanloop")).href);
const { HumanloopClient } = module.default ?? module;

const given = JSON.parse(process.argv[2]);
const base = given.url.replace("/api/v1", "/v5");
const folder = `clients/${given.run}`;
const kernel = { model: "gpt-4o", template: [{ role: "system", content: "Triage {{ticket}}." }], temperature: 0.5 };
const connect = (apiKey) => new HumanloopClient({ baseUrl: base, environment: base, apiKey });
const client = connect(given.key);

async function status(attempt) {
  try {
    await attempt();
    return { status: 200 };
  } catch (error) {
    return { status: error.statusCode ?? null, name: error.constructor.name, body: error.body ?? null };
  }
}

const scenarios = {
  async update() {
    const told = await client.prompts.log({
      path: `${folder}/triage`,
      prompt: kernel,
      messages: [{ role: "user", content: "It is on fire." }],
      inputs: { ticket: "7" },
      output: "Nothing.",
      metadata: { run: given.run, scenario: "update" },
    });
    const updated = await client.prompts.updateLog(told.promptId, told.id, {
      outputMessage: { role: "assistant", content: "Call the fire brigade." },
      output: "Call the fire brigade.",
      promptTokens: 12,
      outputTokens: 5,
      promptCost: 0.25,
      finishReason: "stop",
      providerLatency: 1.5,
      toolChoice: "none",
      startTime: new Date("2026-01-02T03:04:05Z"),
      endTime: new Date("2026-01-02T03:04:07Z"),
      inputs: { ticket: 8 },
      providerResponse: { id: "chatcmpl-9" },
    });
    const nothing = await client.prompts.updateLog(told.promptId, told.id);
    const read = await client.logs.get(told.id);
    const plain = (log) => JSON.stringify({ ...log, prompt: log.prompt.id });
    return { told, updated, same: plain(nothing) === plain(read) };
  },
  async gateway() {
    const before = await client.logs.get(given.gateway_log);
    const after = await client.prompts.updateLog(before.prompt.id, given.gateway_log, { output: "Edited here." });
    return { path: before.prompt.path, output: after.output, tokens: after.promptTokens };
  },
  async neighbours() {
    const flow = await client.flows.log({ path: `${folder}/flow`, flow: { attributes: { v: 1 } } });
    const tool = await client.tools.log({
      path: `${folder}/tool`,
      tool: { function: { name: "f", description: "d" } },
      output: "1",
      traceParentId: flow.id,
    });
    const prompt = await client.prompts.log({ path: `${folder}/step`, prompt: kernel, output: "a", traceParentId: flow.id });
    await client.evaluators.log({ path: `${folder}/tone`, parentId: prompt.id, judgment: true });
    const updated = await client.tools.update(tool.toolId, tool.id, { output: "2" });
    const flowed = await client.flows.updateLog(flow.id, { output: "done", logStatus: "complete" });
    const whole = await client.logs.get(flow.id);
    const judged = await client.logs.get(prompt.id);
    return {
      tool: updated.output,
      flow: flowed.output,
      steps: whole.traceChildren.length,
      judgement: judged.evaluatorLogs[0].judgment,
    };
  },
  async pages() {
    for (let number = 0; number < 5; number += 1)
      await client.prompts.log({ path: `${folder}/many`, prompt: kernel, output: `number ${number}` });
    const listed = await client.prompts.list({ name: `${folder}/many` });
    const outputs = [];
    for await (const log of await client.logs.list({ fileId: listed.data[0].id, size: 2 })) outputs.push(log.output);
    const versions = await client.prompts.listVersions(listed.data[0].id);
    return { outputs, logs: versions.records[0].totalLogsCount };
  },
  async calls() {
    const asked = { path: `${folder}/called`, prompt: kernel, inputs: { ticket: "7" } };
    const said = await client.prompts.call(asked);
    let streamed = "";
    for await (const chunk of await client.prompts.callStream(asked)) streamed += chunk.output ?? "";
    return { output: said.logs[0].output, streamed };
  },
  async errors() {
    const told = await client.prompts.log({ path: `${folder}/errors`, prompt: kernel, output: "a" });
    return {
      key: await status(() => connect("lwk_wrong").prompts.updateLog(told.promptId, told.id, { output: "x" })),
      log: await status(() => client.prompts.updateLog(told.promptId, "log_no", { output: "x" })),
      field: await status(() => client.prompts.updateLog(told.promptId, told.id, { promptTokens: -1 })),
    };
  },
};

const seen = {};
for (const [name, scenario] of Object.entries(scenarios)) seen[name] = await scenario();
console.log(JSON.stringify(seen));
process.exit(0);
