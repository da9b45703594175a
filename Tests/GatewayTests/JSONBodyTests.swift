import Engine
import Gateway
import HTTPTypes
import NIOCore
import Testing

@Suite("JSONBody")
struct JSONBodyTests {
    private struct Body: Decodable {
        struct Goals: Decodable { let shortTerm: [String] }
        let name: String
        let count: Int?
        let share: Double?
        let goals: Goals?
        let userId: TextOrInteger?
    }

    private func pointers(_ json: String) throws -> [String] {
        let error = try #require(throws: EngineError.self) { try JSONBody.decode(Body.self, from: ByteBuffer(string: json)) }
        #expect(error.code == .invalid)
        return error.violations.map(\.pointer)
    }

    @Test(
        "points to what is wrong",
        arguments: [
            (#"{}"#, "/name"), (#"{"name":null}"#, "/name"), (#"{"name":1}"#, "/name"), (#"{"name":"a","count":"1"}"#, "/count"),
            (#"{"name":"a","count":true}"#, "/count"), (#"{"name":"a","share":"0.5"}"#, "/share"),
            (#"{"name":"a","goals":{}}"#, "/goals/shortTerm"), (#"{"name":"a","goals":[]}"#, "/goals"),
            (#"{"name":"a","goals":{"shortTerm":["x",null]}}"#, "/goals/shortTerm/1"),
            (#"{"name":"a","goals":{"shortTerm":["x","y",{}]}}"#, "/goals/shortTerm/2"), (#"{"name":"a","userId":true}"#, "/userId"),
            ("[]", ""), ("1", ""), ("null", ""),
        ])
    func violations(_ json: String, _ pointer: String) throws {
        #expect(try pointers(json) == [pointer])
    }

    @Test(
        "says what must be there, in the words of JSON",
        arguments: [
            (#"{}"#, "is missing"), (#"{"name":null}"#, "must not be null"), (#"{"name":1}"#, "must be a string"),
            (#"{"name":"a","count":"1"}"#, "must be an integer"), (#"{"name":"a","share":"1"}"#, "must be a number"),
            (#"{"name":"a","goals":[]}"#, "must be an object"), (#"{"name":"a","goals":{"shortTerm":1}}"#, "must be an array"),
            (#"{"name":"a","userId":true}"#, "must be a string or an integer of 64 bits"),
        ])
    func details(_ json: String, _ detail: String) throws {
        let error = try #require(throws: EngineError.self) { try JSONBody.decode(Body.self, from: ByteBuffer(string: json)) }
        #expect(error.violations.map(\.detail) == [detail])
    }

    @Test("refuses numbers that no type of ours can hold", arguments: ["1e999", "-1e999", "99999999999999999999"])
    func hugeNumbers(_ number: String) throws {
        _ = try pointers(#"{"name":"a","count":\#(number)}"#)
    }

    @Test("takes null for absent, and members that it does not know for nothing")
    func lenience() throws {
        let body = try JSONBody.decode(Body.self, from: ByteBuffer(string: #"{"name":"a","count":null,"unknown":{"x":[]},"share":1}"#))
        #expect(body.name == "a" && body.count == nil && body.share == 1)
    }

    @Test("takes integers for ids", arguments: [("17", "17"), ("\"17\"", "17"), ("-1", "-1"), ("\"u/1\"", "u/1")])
    func ids(_ json: String, _ id: String) throws {
        let body = try JSONBody.decode(Body.self, from: ByteBuffer(string: #"{"name":"a","userId":\#(json)}"#))
        #expect(try body.userId?.userID().text == id)
    }

    @Test("answers 400 to what is no JSON", arguments: ["", "{", "{\"name\":\"a\",\"unknown\":01}", "\u{FEFF}{\"name\":\"a\"}"])
    func malformed(_ json: String) throws {
        let problem = try #require(throws: Problem.self) { try JSONBody.decode(Body.self, from: ByteBuffer(string: json)) }
        #expect(problem.status == .badRequest)
    }
}
