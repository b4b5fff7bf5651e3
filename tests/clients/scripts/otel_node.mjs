// Vercel's AI SDK with its telemetry on, exporting over OTLP/HTTP in JSON; what is called is the fake provider itself.

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { embedMany, generateText, streamText } from "ai";

const given = JSON.parse(process.argv[2]);
const exporter = new OTLPTraceExporter({
  url: `${given.server}/v1/traces`,
  headers: { authorization: `Bearer ${given.key}` },
});
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "vercel" }),
  spanProcessors: [new BatchSpanProcessor(exporter)],
});
provider.register(); // without it no span knows its parent
const tracer = provider.getTracer("ai");
const telemetry = { isEnabled: true, tracer, functionId: "triage", metadata: { plan: "gold", sessionId: "chat-9" } };
const models = createOpenAICompatible({ name: "openai", apiKey: "sk-none", baseURL: given.openai });
const asked = { system: "Be brief.", prompt: "Which team?", temperature: 0.5, experimental_telemetry: telemetry };

const seen = {};
try {
  seen.text = (await generateText({ model: models("gpt-4o"), ...asked })).text;
  let streamed = "";
  for await (const piece of streamText({ model: models("gpt-4o"), ...asked }).textStream) streamed += piece;
  seen.streamed = streamed;
  await embedMany({
    model: models.textEmbeddingModel("text-embedding-3-small"),
    values: ["one", "two"],
    experimental_telemetry: telemetry,
  });
} catch (error) {
  seen.error = String(error?.stack ?? error);
}
await provider.forceFlush();
await provider.shutdown();
console.log(JSON.stringify(seen));
