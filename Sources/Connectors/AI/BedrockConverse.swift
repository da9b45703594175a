import AttuneCrypto
package import Engine

/// Amazon Bedrock Runtime's Converse API: the answer is the input of one tool, which the model is made to call.
///
/// Source: Amazon Bedrock API Reference, "Converse".
package struct BedrockConverse: AIProvider {
    package enum Authentication: Sendable {
        /// A Bedrock API key.
        case bearer(String)
        case signature(AWSCredentials, region: String)
    }

    /// A model's id or the ARN of an inference profile.
    package let model: String
    private let endpoint: Endpoint
    private let authentication: Authentication
    private let exchange: AIExchange

    package init(
        model: String, endpoint: Endpoint, authentication: Authentication, http: OutboundHTTP, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.model = model
        self.endpoint = endpoint
        self.authentication = authentication
        exchange = AIExchange(http: http, clock: clock)
    }

    package func complete(_ request: AIRequest, timeLimit: Duration) async throws(AIFailure) -> AICompletion {
        let outbound = try outbound(request, at: exchange.clock())
        return try Self.completion(
            await exchange.body(answering: outbound, timeLimit: timeLimit), tool: request.schemaName, promptBytes: outbound.body.count)
    }

    func outbound(_ request: AIRequest, at now: Timestamp) throws(AIFailure) -> OutboundRequest {
        let path = endpoint.path("/model/\(PercentEncoding.encode(model))/converse")
        let body = try Self.body(request)
        let headers = [HTTPField(name: "accept", value: "application/json"), HTTPField(name: "content-type", value: "application/json")]
        let credentials: [HTTPField]
        switch authentication {
        case .bearer(let key):
            credentials = [HTTPField(name: "authorization", value: "Bearer \(key)")]
        case .signature(let secret, let region):
            let signed = SigV4.Request(method: "POST", host: endpoint.authority, path: path, headers: headers, body: body)
            do throws(CryptoError) {
                credentials = try SigV4(service: "bedrock", region: region, credentials: secret).headers(for: signed, at: now)
            } catch { throw AIFailure(.forbidden) }
        }
        let host = HTTPField(name: "host", value: endpoint.authority)
        return OutboundRequest(url: endpoint.url(path: path), headers: [host] + headers + credentials, body: body)
    }

    /// No `temperature`: Claude refuses it with 400 from Opus 4.7 on, and the ARN of an inference profile does not tell the model.
    static func body(_ request: AIRequest) throws(AIFailure) -> [UInt8] {
        try AIExchange.requireObject(request.schema)
        let name = JSONText.quoted(request.schemaName)
        let system = #"[{"text":\#(JSONText.quoted(request.instructions))}]"#
        let messages = #"[{"role":"user","content":[{"text":\#(JSONText.quoted(request.data))}]}]"#
        let description = JSONText.quoted("Takes the finished answer. Always answer by calling it once.")
        let tool = #"{"toolSpec":{"name":\#(name),"description":\#(description),"inputSchema":{"json":\#(request.schema)}}}"#
        let tools = #"{"tools":[\#(tool)],"toolChoice":{"tool":{"name":\#(name)}}}"#
        let inference = #"{"maxTokens":\#(request.outputTokensMax)}"#
        return Array(#"{"system":\#(system),"messages":\#(messages),"inferenceConfig":\#(inference),"toolConfig":\#(tools)}"#.utf8)
    }

    /// - Parameter promptBytes: Of the request, from which tokens are estimated where the answer does not count them.
    /// - Throws: `.invalidAnswer` unless the model has finished and called the tool exactly once, or written the object instead.
    package static func completion(_ body: [UInt8], tool: String, promptBytes: Int = 0) throws(AIFailure) -> AICompletion {
        guard let answer = JSONSlice(body), let stop = answer["stopReason"]?.string,
            // Some models end their turn with the call. All other reasons mean that they were stopped.
            ["tool_use", "end_turn"].contains(stop),
            let blocks = answer["output"]?["message"]?["content"]?.elements
        else { throw AIFailure(.invalidAnswer) }
        // Text beside the call, such as reasoning, is nobody's.
        let calls = blocks.compactMap { $0["toolUse"] }
        let json: JSONSlice?
        if calls.isEmpty {
            json = WrittenObject.find(in: blocks.compactMap { $0["text"]?.string }.joined())
        } else {
            json = calls.count == 1 && calls[0]["name"]?.string == tool ? calls[0]["input"] : nil
        }
        guard let json, json.isObject else { throw AIFailure(.invalidAnswer) }
        let usage = answer["usage"]
        return AICompletion(
            json: json.bytes, inputTokens: try AIExchange.tokens(usage?["inputTokens"], ofBytes: promptBytes),
            outputTokens: try AIExchange.tokens(usage?["outputTokens"], ofBytes: json.bytes.count)
        )
    }
}
