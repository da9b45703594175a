package import Engine

/// The chat completions of OpenAI and of all that speak like it (vLLM, Ollama, llama.cpp): the answer is a text that holds JSON.
///
/// Source: OpenAI API Reference, "Create chat completion".
package struct OpenAIChat: AIProvider {
    package let model: String
    private let endpoint: Endpoint
    private let apiKey: String?
    private let exchange: AIExchange

    /// - Parameter endpoint: With or without the `/v1` that other programs want in a base URL.
    package init(model: String, endpoint: Endpoint, apiKey: String?, http: OutboundHTTP, clock: @escaping @Sendable () -> Timestamp) {
        self.model = model
        self.endpoint = endpoint.dropping(lastSegment: "v1")
        self.apiKey = apiKey
        exchange = AIExchange(http: http, clock: clock)
    }

    package func complete(_ request: AIRequest, timeLimit: Duration) async throws(AIFailure) -> AICompletion {
        let outbound = try outbound(request)
        return try Self.completion(await exchange.body(answering: outbound, timeLimit: timeLimit), promptBytes: outbound.body.count)
    }

    func outbound(_ request: AIRequest) throws(AIFailure) -> OutboundRequest {
        var headers = [
            HTTPField(name: "host", value: endpoint.authority), HTTPField(name: "accept", value: "application/json"),
            HTTPField(name: "content-type", value: "application/json"),
        ]
        if let apiKey { headers.append(HTTPField(name: "authorization", value: "Bearer \(apiKey)")) }
        return OutboundRequest(url: endpoint.url(path: endpoint.path("/v1/chat/completions")), headers: headers, body: try body(request))
    }

    /// Whether this is OpenAI itself, which is stricter than those who speak like it.
    private var isOpenAI: Bool { endpoint.host == "api.openai.com" || endpoint.host.hasSuffix(".api.openai.com") }

    /// OpenAI's newer models refuse `max_tokens`, and any `temperature` but the default, with 400; all its models take
    /// `max_completion_tokens`. Ollama, and llama.cpp before 2026, ignore `max_completion_tokens` without a word and write on
    /// without a bound; vLLM takes either. Both together are refused by OpenAI. So it depends on whom we talk to.
    private var bounds: (tokens: String, more: String) {
        isOpenAI ? ("max_completion_tokens", "") : ("max_tokens", #","temperature":0.2"#)
    }

    package func body(_ request: AIRequest) throws(AIFailure) -> [UInt8] {
        try AIExchange.requireObject(request.schema)
        let (tokens, more) = bounds
        let system = #"{"role":"system","content":\#(JSONText.quoted(request.instructions))}"#
        let user = #"{"role":"user","content":\#(JSONText.quoted(request.data))}"#
        let schema = #"{"name":\#(JSONText.quoted(request.schemaName)),"strict":true,"schema":\#(request.schema)}"#
        let format = #"{"type":"json_schema","json_schema":\#(schema)}"#
        let parts = [
            #""model":\#(JSONText.quoted(model))"#, #""messages":[\#(system),\#(user)]"#, #""response_format":\#(format)"#,
            #""\#(tokens)":\#(request.outputTokensMax),"stream":false\#(more)"#,
        ]
        return Array("{\(parts.joined(separator: ","))}".utf8)
    }

    /// - Parameter promptBytes: Of the request, from which tokens are estimated where the answer does not count them.
    /// - Throws: `.invalidAnswer` unless the model has finished, has not refused, and what it wrote holds one JSON object.
    package static func completion(_ body: [UInt8], promptBytes: Int = 0) throws(AIFailure) -> AICompletion {
        guard let answer = JSONSlice(body), let choices = answer["choices"]?.elements, choices.count == 1,
            choices[0]["finish_reason"]?.string == "stop", let message = choices[0]["message"], message["refusal"]?.isNull ?? true,
            let content = message["content"], let text = WrittenObject.text(of: content), let json = WrittenObject.find(in: text)
        else { throw AIFailure(.invalidAnswer) }
        let usage = answer["usage"]
        return AICompletion(
            json: json.bytes, inputTokens: try AIExchange.tokens(usage?["prompt_tokens"], ofBytes: promptBytes),
            outputTokens: try AIExchange.tokens(usage?["completion_tokens"], ofBytes: text.utf8.count)
        )
    }
}
