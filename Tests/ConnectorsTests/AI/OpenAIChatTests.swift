import Connectors
import Engine
import Foundation
import Testing

@Suite struct OpenAIChatTests {
    private func exchange(base: String, apiKey: String?) async throws -> (ScriptedServer.Request, AICompletion) {
        try await ScriptedServer.run(.answer(status: 200, body: Answers.chat())) { server in
            try await withHTTP { http in
                let endpoint = try #require(Endpoint(server.url + base))
                let provider = OpenAIChat(model: "llama3.2:3b", endpoint: endpoint, apiKey: apiKey, http: http, clock: { .example })
                let completion = try await provider.complete(.example, timeLimit: .seconds(5))
                return (try #require(server.requests.first), completion)
            }
        }
    }

    @Test(arguments: [
        ("", "/v1/chat/completions"), ("/", "/v1/chat/completions"), ("/v1", "/v1/chat/completions"), ("/v1/", "/v1/chat/completions"),
        ("/openai", "/openai/v1/chat/completions"), ("/openai/v1", "/openai/v1/chat/completions"),
    ]) func appendsItsPath(base: String, path: String) async throws {
        let (sent, _) = try await exchange(base: base, apiKey: nil)
        #expect(sent.line == "POST \(path) HTTP/1.1" && sent.headers["authorization"] == nil)
    }

    @Test func asksForTheShape() async throws {
        let (sent, completion) = try await exchange(base: "", apiKey: "sk-test")
        #expect(sent.headers["authorization"] == "Bearer sk-test" && sent.headers["content-type"] == "application/json")
        let body = try #require(JSONSlice(Array(sent.body.utf8)))
        let messages = try #require(body["messages"]?.elements)
        #expect(messages.map { $0["role"]?.string } == ["system", "user"])
        #expect(messages.map { $0["content"]?.string } == [AIRequest.example.instructions, AIRequest.example.data])
        #expect(body["model"]?.string == "llama3.2:3b" && body["max_tokens"]?.integer == 700 && body["max_completion_tokens"] == nil)
        #expect(body["temperature"] != nil)
        let format = body["response_format"]
        #expect(format?["type"]?.string == "json_schema" && format?["json_schema"]?["name"]?.string == "dashboard")
        #expect(format?["json_schema"]?["strict"].map { String(decoding: $0.bytes, as: UTF8.self) } == "true")
        #expect(format?["json_schema"]?["schema"]?.bytes == Array(AIRequest.example.schema.utf8))
        #expect(completion == AICompletion(json: Array(Answers.json.utf8), inputTokens: 12, outputTokens: 3))
    }

    /// OpenAI's reasoning models refuse `max_tokens` and `temperature`; other servers do not know `max_completion_tokens`.
    @Test(arguments: [
        ("https://api.openai.com", true), ("https://eu.api.openai.com/v1", true), ("https://api.openai.com.example", false),
        ("https://notapi.openai.com.evil", false), ("https://xapi.openai.com", false),
    ]) func boundsTokensAsTheServiceWantsIt(base: String, isOpenAI: Bool) async throws {
        try await withHTTP { http in
            let provider = OpenAIChat(
                model: "gpt-5-mini", endpoint: try #require(Endpoint(base)), apiKey: "k", http: http, clock: { .example }
            )
            let body = try #require(JSONSlice(provider.body(.example)))
            #expect((body["max_completion_tokens"] != nil) == isOpenAI && (body["max_tokens"] == nil) == isOpenAI)
            #expect((body["temperature"] == nil) == isOpenAI)
        }
    }

    @Test(
        "an object is taken out of what a model wraps it in",
        arguments: [
            #""{\"a\":1}""#, #""```json\n{\"a\":1}\n```""#, #""```\n{\"a\":1}\n```\n""#,
            #""Here it is:\n\n```JSON\n{\"a\":1}\n``` Enjoy!""#,
            #""<think>\nHm {\"b\":2}\n</think>\n\n{\"a\":1}""#, #""Hm.</think>{\"a\":1}""#, #""\ufeff{\"a\":1}""#,
            #""Use {braces}: {\"a\":1}.""#,
            #"[{"type":"text","text":"{\"a\":1}"}]"#,
            #"[{"type":"reasoning","text":"Hm"},{"type":"text","text":"{\"a\""},{"type":"text","text":":1}"}]"#,
        ])
    func wrapped(content: String) throws {
        let body = Answers.chat(message: #"{"content":\#(content)}"#)
        #expect(try OpenAIChat.completion(Array(body.utf8)).json == Array(#"{"a":1}"#.utf8))
    }

    @Test("tokens that nobody counted are estimated from bytes", arguments: ["null", "{}", #"{"prompt_tokens":null}"#])
    func uncounted(usage: String) throws {
        let completion = try OpenAIChat.completion(Array(Answers.chat(usage: usage).utf8), promptBytes: 301)
        #expect(completion.inputTokens == 101 && completion.outputTokens == (Answers.json.utf8.count + 2) / 3)
    }

    @Test(arguments: [
        Answers.chat(finish: #""length""#), Answers.chat(finish: #""content_filter""#), Answers.chat(finish: #""tool_calls""#),
        Answers.chat(finish: "null"),
        Answers.chat(finish: "7"), Answers.chat(message: #"{"content":"{}","refusal":"No."}"#), Answers.chat(message: #"{"content":null}"#),
        Answers.chat(message: #"{"content":"[]"}"#), Answers.chat(message: #"{"content":"7"}"#), Answers.chat(message: #"{"content":""}"#),
        Answers.chat(message: #"{"content":"{\"a\":"}"#), Answers.chat(message: #"{"content":"```json\n{}\n```"}"#),
        Answers.chat(message: #"{"content":{}}"#),
        Answers.chat(message: #"{"content":"{} {}"}"#), Answers.chat(message: "[]"),
        Answers.chat(message: #"{"content":"{\"a\":1} or {\"a\":2}"}"#), Answers.chat(message: #"{"content":"I cannot do that."}"#),
        Answers.chat(message: #"{"content":[{"type":"reasoning","text":"{\"a\":1}"}]}"#),
        Answers.chat(usage: #"{"prompt_tokens":12,"completion_tokens":-3}"#),
        Answers.chat(usage: #"{"prompt_tokens":1.5,"completion_tokens":3}"#),
        #"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#, #"{"choices":{}}"#, #"{"error":{"message":"no"}}"#, "[]",
        "", "data: {}",
        String(Answers.chat().dropLast()),
        Answers.chat(message: #"{"content":"\#(String(repeating: "[", count: 5000))\#(String(repeating: "]", count: 5000))"}"#),
    ]) func whatIsNotFinishedOrNoObjectIsInvalid(body: String) {
        #expect(throws: AIFailure(.invalidAnswer)) { try OpenAIChat.completion(Array(body.utf8)) }
    }
}
