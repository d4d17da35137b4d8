// Attribute names by meaning, newest first: OpenTelemetry gen_ai (main, 1.37-1.41, 1.28-1.36, up to 1.27), OpenInference,
// OpenLLMetry and the spans of vLLM. Of several that are set the first counts.

export const names = {
  requestModel: ['gen_ai.request.model', 'llm.request.model_name', 'embedding.model_name'],
  responseModel: ['gen_ai.response.model', 'llm.response.model_name', 'llm.model_name'],
  provider: ['gen_ai.provider.name', 'gen_ai.system', 'llm.provider', 'llm.system'],
  responseId: ['gen_ai.response.id'],
  service: ['service.name'],
  session: [
    'gen_ai.conversation.id',
    'session.id',
    'traceloop.association.properties.session_id',
    'traceloop.association.properties.conversation_id',
  ],
  inputTokens: [
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.prompt_tokens',
    'llm.token_count.prompt',
    'llm.usage.prompt_tokens',
  ],
  outputTokens: [
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.completion_tokens',
    'llm.token_count.completion',
    'llm.usage.completion_tokens',
  ],
  totalTokens: ['llm.token_count.total', 'llm.usage.total_tokens', 'gen_ai.usage.total_tokens'],
  cachedTokens: [
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.usage.cache_read_input_tokens',
    'llm.token_count.prompt_details.cache_read',
  ],
  cacheWriteTokens: [
    'gen_ai.usage.cache_write.input_tokens',
    'gen_ai.usage.cache_creation.input_tokens',
    'gen_ai.usage.cache_creation_input_tokens',
    'llm.token_count.prompt_details.cache_write',
  ],
  reasoningTokens: [
    'gen_ai.usage.reasoning.output_tokens',
    'llm.token_count.completion_details.reasoning',
  ],
  streaming: ['gen_ai.request.stream', 'llm.is_streaming'],
  /** Seconds. */
  firstChunk: ['gen_ai.response.time_to_first_chunk'],
  /** Seconds, of the engine, streaming or not. */
  firstToken: ['gen_ai.latency.time_to_first_token'],
  /** Seconds. */
  queue: ['gen_ai.latency.time_in_queue'],
  /** Seconds. */
  decode: ['gen_ai.latency.time_in_model_decode'],
  finishReasons: ['gen_ai.response.finish_reasons'],
  finishReason: ['llm.finish_reason', 'llm.response.finish_reason'],
  errorType: ['error.type', 'exception.type'],
  httpStatus: ['http.response.status_code', 'http.status_code'],
  serverAddress: ['server.address', 'net.peer.name'],
  serverPort: ['server.port', 'net.peer.port'],
  baseUrl: ['gen_ai.openai.api_base', 'llm.openai.api_base', 'url.full'],
  route: [
    'equipoise.route',
    'gen_ai.workflow.name',
    'traceloop.workflow.name',
    'gen_ai.agent.name',
    'http.route',
  ],
  tenant: [
    'equipoise.tenant',
    'tenant.id',
    'traceloop.association.properties.tenant_id',
    'traceloop.association.properties.tenant',
  ],
  promptName: ['gen_ai.prompt.name', 'traceloop.prompt.key'],
  promptVersion: [
    'gen_ai.prompt.version',
    'traceloop.prompt.version',
    'llm.prompt_template.version',
  ],
  promptText: ['llm.prompt_template.template'],
  cost: ['gen_ai.usage.cost', 'llm.cost.total'],
  user: ['user.id', 'enduser.id', 'traceloop.association.properties.user_id'],
  metadata: ['metadata'],
  tags: ['tag.tags'],
} as const satisfies Readonly<Record<string, readonly string[]>>
