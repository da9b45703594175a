import Connectors
import Engine

extension AIRequest {
    /// With text that has to be escaped.
    static let example = AIRequest(
        instructions: "Answer with the tool.\nNothing else.", data: #"{"feature":"café \"漢\" / \\ "# + "\u{7}\t\u{1F600}\"}",
        schemaName: "dashboard", schema: #"{"type":"object","properties":{"title":{"type":"string"}},"required":["title"]}"#,
        outputTokensMax: 700
    )
}

extension Timestamp {
    /// 2024-06-20T08:15:00Z.
    static let example = Timestamp(seconds: 1_718_871_300)
}

/// The same answer in both protocols.
enum Answers {
    static let json = #"{"title":"A \u0041 title","weight":0.10,"many":12345678901234567890123}"#

    static func converse(stop: String = "tool_use", content: String? = nil, usage: String = #"{"inputTokens":12,"outputTokens":3}"#)
        -> String
    {
        let content = content ?? #"[{"text":"Thinking."},{"toolUse":{"toolUseId":"t1","name":"dashboard","input":\#(json)}}]"#
        return #"{"output":{"message":{"role":"assistant","content":\#(content)}},"stopReason":"\#(stop)","usage":\#(usage)}"#
    }

    static func chat(finish: String = #""stop""#, message: String? = nil, usage: String = #"{"prompt_tokens":12,"completion_tokens":3}"#)
        -> String
    {
        let text = json.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let message = message ?? #"{"role":"assistant","content":"\#(text)","refusal":null}"#
        return #"{"choices":[{"index":0,"message":\#(message),"finish_reason":\#(finish)}],"usage":\#(usage)}"#
    }
}

/// Runs `body` with a client that is closed after it.
func withHTTP<Value>(_ body: (OutboundHTTP) async throws -> Value) async throws -> Value {
    let http = OutboundHTTP()
    let outcome = await Result { try await body(http) }
    await http.close()
    return try outcome.get()
}
