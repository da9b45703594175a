import Connectors
import Engine
import Foundation
import Testing

@Suite struct BedrockConverseTests {
    private let model = "anthropic.claude-3-5-sonnet-20240620-v1:0"

    private func exchange(
        _ authentication: BedrockConverse.Authentication, request: AIRequest = .example
    ) async throws -> (ScriptedServer.Request, AICompletion) {
        try await ScriptedServer.run(.answer(status: 200, body: Answers.converse())) { server in
            try await withHTTP { http in
                let endpoint = try #require(Endpoint(server.url + "/"))
                let provider = BedrockConverse(
                    model: model, endpoint: endpoint, authentication: authentication, http: http, clock: { .example }
                )
                let completion = try await provider.complete(request, timeLimit: .seconds(5))
                return (try #require(server.requests.first), completion)
            }
        }
    }

    @Test func asksTheModelForOneCallOfTheTool() async throws {
        let (sent, completion) = try await exchange(.bearer("bedrock-api-key"))
        #expect(sent.line == "POST /model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/converse HTTP/1.1")
        #expect(sent.headers["authorization"] == "Bearer bedrock-api-key")
        #expect(sent.headers["content-type"] == "application/json")
        let body = try #require(JSONSlice(Array(sent.body.utf8)))
        #expect(body["system"]?.elements?[0]["text"]?.string == AIRequest.example.instructions)
        let messages = body["messages"]?.elements
        #expect(messages?.count == 1 && messages?[0]["role"]?.string == "user")
        #expect(messages?[0]["content"]?.elements?[0]["text"]?.string == AIRequest.example.data)
        #expect(body["inferenceConfig"]?["maxTokens"]?.integer == 700)
        let tool = body["toolConfig"]?["tools"]?.elements?[0]["toolSpec"]
        #expect(tool?["name"]?.string == "dashboard")
        #expect(tool?["inputSchema"]?["json"]?.bytes == Array(AIRequest.example.schema.utf8))
        #expect(body["toolConfig"]?["toolChoice"]?["tool"]?["name"]?.string == "dashboard")
        #expect(completion == AICompletion(json: Array(Answers.json.utf8), inputTokens: 12, outputTokens: 3))
    }

    @Test(arguments: [nil, "session+token/=="]) func signsWhatItSends(sessionToken: String?) async throws {
        let credentials = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret", sessionToken: sessionToken)
        let (sent, _) = try await exchange(.signature(credentials, region: "eu-west-1"))
        let path = String(sent.line.split(separator: " ")[1])
        // The signature of what arrived, computed anew.
        let request = SigV4.Request(
            method: "POST", host: try #require(sent.headers["host"]), path: path,
            headers: ["accept", "content-type"].map { HTTPField(name: $0, value: sent.headers[$0] ?? "") }, body: Array(sent.body.utf8)
        )
        let expected = try SigV4(service: "bedrock", region: "eu-west-1", credentials: credentials).headers(for: request, at: .example)
        for field in expected { #expect(sent.headers[field.name] == field.value) }
        #expect(sent.headers["x-amz-security-token"] == sessionToken)
        #expect(sent.headers["authorization"]?.contains("/20240620/eu-west-1/bedrock/aws4_request, ") == true)
    }

    @Test func aSchemaThatIsNoObjectIsNotSent() async throws {
        for schema in ["", "[]", "{", #"{}},"x":{}"#] {
            var request = AIRequest.example
            request.schema = schema
            await #expect(throws: AIFailure(.refused)) { try await exchange(.bearer("key"), request: request) }
        }
    }

    @Test(arguments: ["tool_use", "end_turn"]) func finishedAnswersCount(stop: String) throws {
        let completion = try BedrockConverse.completion(Array(Answers.converse(stop: stop).utf8), tool: "dashboard")
        #expect(completion.json == Array(Answers.json.utf8))
    }

    @Test("an object that is written instead of given to the tool counts, and tokens that nobody counted are estimated")
    func written() throws {
        let body = Answers.converse(stop: "end_turn", content: #"[{"text":"```json\n{\"a\":1}\n```"}]"#, usage: "null")
        let completion = try BedrockConverse.completion(Array(body.utf8), tool: "dashboard", promptBytes: 30)
        #expect(completion == AICompletion(json: Array(#"{"a":1}"#.utf8), inputTokens: 10, outputTokens: 3))
    }

    @Test(arguments: [
        Answers.converse(stop: "max_tokens"), Answers.converse(stop: "guardrail_intervened"), Answers.converse(stop: "content_filtered"),
        Answers.converse(stop: "stop_sequence"), Answers.converse(stop: ""), Answers.converse(content: "[]"),
        Answers.converse(content: "null"),
        Answers.converse(content: #"[{"text":"{}"}]"#), Answers.converse(content: #"[{"toolUse":{"name":"other","input":{}}}]"#),
        Answers.converse(content: #"[{"toolUse":{"name":"dashboard","input":{}}},{"toolUse":{"name":"dashboard","input":{}}}]"#),
        Answers.converse(content: #"[{"toolUse":{"name":"dashboard","input":{}}},{"toolUse":{"name":"other","input":{}}}]"#),
        Answers.converse(content: #"[{"toolUse":{"name":"dashboard","input":"{}"}}]"#),
        Answers.converse(content: #"[{"toolUse":{"name":"dashboard"}}]"#),
        Answers.converse(content: #"[{"toolUse":{"name":7,"input":{}}}]"#), Answers.converse(content: #"[{"toolUse":[]}]"#),
        Answers.converse(content: "7"),
        Answers.converse(usage: #"{"inputTokens":-1,"outputTokens":3}"#),
        Answers.converse(usage: #"{"inputTokens":1e3,"outputTokens":3}"#),
        Answers.converse(usage: #"{"inputTokens":"12","outputTokens":3}"#),
        Answers.converse(usage: #"{"inputTokens":12,"outputTokens":99999999999999999999}"#), #"{"message":"no"}"#, "[]", "null", "",
        "<html>",
        String(Answers.converse().dropLast()), Answers.converse() + "x",
        Answers.converse(content: String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)),
    ]) func everythingElseIsInvalid(body: String) {
        #expect(throws: AIFailure(.invalidAnswer)) { try BedrockConverse.completion(Array(body.utf8), tool: "dashboard") }
    }
}
