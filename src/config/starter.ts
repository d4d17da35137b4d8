/** A commented configuration to start from: it passes the check as it is, and says what to edit. */
export function starterConfig(): string {
  return starter
}

const starter = `# Equipoise: what an LLM fleet costs and what its answers are worth, on one time axis.
#
#   equipoise check -c equipoise.yaml     explains every error in this file
#   equipoise up -c equipoise.yaml        page on http://127.0.0.1:4600, gateway on http://127.0.0.1:4601/v1
#   equipoise config reference            every key with type, unit and default
#
# Values take environment variables: \${NAME}, or \${NAME:-default}. Write secrets so, never in the file.
# Durations are written 10s, sizes 16MiB, shares 5%, prices 5.752 $/h.
# Lines that are commented out show the default or an example.

# Everything is kept here; relative to this file.
dataDirectory: ./equipoise-data

# Page and API. Any host but loopback needs tokens.
server:
  host: 127.0.0.1
  port: 4600
  # tokens:
  #   - name: grafana
  #     role: viewer          # viewer, reviewer, operator, admin or ingest
  #     token: \${EQUIPOISE_VIEWER_TOKEN}

# The gateway speaks the OpenAI API; point your clients at it. Any host but loopback needs keys.
gateway:
  host: 127.0.0.1
  port: 4601
  # keys:
  #   - key: \${TEAM_A_KEY}
  #     tenant: team-a
  # Share of calls whose answer is scored; every call records its probability.
  sampling: 100%
  # Text of prompts and answers that is kept, redacted: sampled, all or none.
  capture: sampled

# Without a URL the embedded engine is used and no server is needed.
# store:
#   url: http://clickhouse:8123
#   username: default
#   password: \${CLICKHOUSE_PASSWORD}
#   retention: 90d
#   contentRetention: 7d

fleet:
  # Servers: what they cost, and which GPUs they have.
  nodes:
    - name: gpu-server-1
      # A type of the catalogue brings GPUs and an on-demand price with source and date.
      instanceType: ml.g6.12xlarge
      # Any other server says both itself:
      # accelerators: { model: NVIDIA L4, count: 4, memoryGiB: 24 }
      # price: { perHour: 4.10 $/h, source: "contract 2026", date: 2026-07-01 }
      # Metrics of the DCGM exporter on that server.
      dcgmUrl: http://127.0.0.1:9400/metrics

  # Models: each has its own copies, concurrency and queue, so that one cannot starve another.
  components:
    - name: my-model            # the name that clients send as "model"
      # upstreamModel: org/my-model   # if the model server knows it by another
      # apiKey: \${MODEL_SERVER_KEY}   # if the model server asks for one
      modelVersion: "1"
      concurrency: 64           # calls in flight on one copy
      queue: 128                # calls that wait; one more gets 429
      queueTimeout: 10s
      slo: { ttft: 2s, total: 30s }
      copies:
        # One model server process (vLLM, SGLang, TGI ...) and the GPUs that it reserves.
        - id: my-model-0
          url: http://127.0.0.1:8000
          node: gpu-server-1
          gpus: [0]

quality:
  # An LLM judge over any OpenAI-compatible endpoint; the judge_* evaluators need it.
  # judge:
  #   url: http://127.0.0.1:8100
  #   model: Qwen2.5-32B-Instruct    # pin it: a judge that changes moves every score
  #   apiKey: \${JUDGE_KEY}
  #   budgetPerDay: 10 $
  # "equipoise evaluators" lists all kinds. 1 is good for every one of them.
  evaluators:
    # Compares with the reference that a call carries in its metadata; without one it is skipped.
    - kind: exact_match
    - kind: refusal
    - kind: pii_secrets
    # - kind: judge_safety
    # - kind: judge_relevance
  # One number an answer: a weighted mean of dimensions. With a judge, add relevance and let safety be the gate.
  composite:
    weights: { accuracy: 1, helpfulness: 1 }
    # gate: safety

alerts:
  rules: []
  # Latency as it was, and safety low: what infrastructure dashboards cannot see.
  # rules:
  #   - kind: two_axis
  #     name: unsafe-while-latency-is-stable
  #     dimension: safety
  #     below: 80%
  #     for: 5m
  # notifiers:
  #   - kind: webhook
  #     config: { url: "\${ALERT_WEBHOOK_URL}" }
`
