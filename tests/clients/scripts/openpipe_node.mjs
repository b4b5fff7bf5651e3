// Drives the published npm client of OpenPipe; prints what it saw as one line of JSON.
// Its argument is one JSON object: `url` and `key` of the server, `openai` (a provider to call directly), `run`.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "package.json"));
const load = async (name) => (await import(pathToFileURL(require.resolve(name)).href)).default;
const unwrap = (module) => module.default ?? module;
const OpenAI = unwrap(await load("openpipe/openai"));
const OpenPipe = unwrap(await load("openpipe/client"));

const given = JSON.parse(process.argv[2]);
const server = { apiKey: given.key, baseUrl: given.url };
const tools = [{ type: "function", function: { name: "route", parameters: { type: "object", properties: {} } } }];

const ask = (scenario, more) => ({
  messages: [{ role: "user", content: `Where does this ticket go? (${scenario})` }],
  metadata: { run: given.run, scenario },
  ...more,
});
const openai = () =>
  new OpenAI({ apiKey: "provider-key", baseURL: given.openai, maxRetries: 0, openpipe: { ...server } });
const openpipe = () => new OpenPipe(server);

async function textOf(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
  await stream.openpipe?.reportingFinished;
  return text;
}

async function caught(attempt) {
  try {
    await attempt();
  } catch (error) {
    return { name: error.constructor.name, status: error.status, body: error.body, message: error.message };
  }
  return null;
}

const scenarios = {
  async report() {
    const asked = ask("report", { model: "gpt-4o" });
    const answered = { id: `chatcmpl-${given.run}`, object: "chat.completion", choices: [] };
    const said = await openpipe().report({
      requestedAt: Date.now() - 1500,
      receivedAt: Date.now(),
      reqPayload: asked,
      respPayload: answered,
      statusCode: 200,
      tags: { number: 1, truth: true, nothing: null },
    });
    return { said, asked, answered };
  },
  async report_anthropic() {
    const said = await openpipe().reportAnthropic({
      requestedAt: Date.now() - 10,
      receivedAt: Date.now(),
      reqPayload: { model: "claude-3-5-haiku-20241022", max_tokens: 9, messages: [{ role: "user", content: "Hello" }] },
      respPayload: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "claude-3-5-haiku-20241022",
        content: [{ type: "text", text: "Hi", citations: null }],
        stop_reason: "end_turn",
        stop_sequence: null,
        usage: { input_tokens: 3, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
      },
      statusCode: 200,
      metadata: { run: given.run, scenario: "report-anthropic" },
    });
    return { said };
  },
  async update() {
    await openpipe().report({ reqPayload: ask("update", { model: "gpt-4o" }), tags: { old: "1" } });
    const filters = [
      { field: "metadata.run", equals: given.run },
      { field: "metadata.scenario", equals: "update" },
    ];
    const metadata = await openpipe().updateLogMetadata({ filters, metadata: { added: "2", old: null } });
    const tags = await openpipe().updateLogTags({ filters, tags: { number: 3 } });
    return { metadata, tags };
  },
  async errors() {
    return {
      wrong_key: await caught(() => new OpenPipe({ ...server, apiKey: "lwk_wrong" }).report({})),
      bad_report: await caught(() => openpipe().report({ statusCode: "odd" })),
    };
  },
  async direct() {
    const made = await openai().chat.completions.create(ask("direct", { model: "gpt-4o", openpipe: { tags: { n: 1 } } }));
    await made.openpipe?.reportingFinished;
    return { text: made.choices[0].message.content };
  },
  async direct_stream() {
    const stream = await openai().chat.completions.create(ask("direct-stream", { model: "gpt-4o", stream: true }));
    return { text: await textOf(stream) };
  },
  async direct_error() {
    return caught(async () => {
      try {
        await openai().chat.completions.create(ask("direct-error", { model: "fault-status-429" }));
      } catch (error) {
        await error.openpipe?.reportingFinished;
        throw error;
      }
    });
  },
  async proxied() {
    const made = await openai().chat.completions.create(
      ask("proxied", { model: "openai:gpt-4o", openpipe: { tags: { n: 1 } } }),
    );
    return { text: made.choices[0].message.content, id: made.id };
  },
  async proxied_stream() {
    const stream = await openai().chat.completions.create(ask("proxied-stream", { model: "openai:gpt-4o", stream: true }));
    return { text: await textOf(stream) };
  },
  async proxied_tools() {
    const made = await openai().chat.completions.create(ask("proxied-tools", { model: "openpipe:toolbox/gpt-4o", tools }));
    return made.choices[0].message.tool_calls[0].function;
  },
  async unknown_model() {
    return caught(() => openai().chat.completions.create(ask("unknown-model", { model: "openpipe:nobody/has-this" })));
  },
};

const seen = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  try {
    seen[name] = await scenario();
  } catch (error) {
    seen[name] = { raised: String(error) };
  }
}
console.log(JSON.stringify(seen));
